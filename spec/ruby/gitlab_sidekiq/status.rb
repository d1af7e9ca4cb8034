# frozen_string_literal: true

module GitlabSidekiq
  # Gitlab::SidekiqStatus: a key per job that is queued or running, for those who wait for it.
  module Status
    IMPORT_EXPIRATION = 86_400

    module_function

    def key(jid) = "gitlab-sidekiq-status:#{jid}"
    def set(jid, seconds = 1800) = Sidekiq.redis { |redis| redis.set(key(jid), 1, ex: seconds) }
    def expire(jid, seconds) = Sidekiq.redis { |redis| redis.expire(key(jid), seconds) }
    def unset(jid) = Sidekiq.redis { |redis| redis.del(key(jid)) }
    def running?(jid) = Sidekiq.redis { |redis| redis.exists?(key(jid)) }
  end
end
