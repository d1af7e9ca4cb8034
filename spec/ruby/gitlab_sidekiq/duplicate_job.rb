# frozen_string_literal: true

require "digest/sha2"
require "msgpack"

module GitlabSidekiq
  # Gitlab::SidekiqMiddleware::DuplicateJobs: the cookie that stands for a queued job with the same class and arguments.
  class DuplicateJob
    TTL = 600

    def initialize(job, queue)
      @job = job
      @queue = queue
    end

    # Remembers the job, or the jid of the one remembered already. False when the job is to be dropped.
    def admit
      @job["idempotency_key"] = idempotency_key
      existing = claim
      return true if existing == @job["jid"]

      @job["duplicate-of"] = existing
      !WorkerOptions.idempotent?(@job["class"])
    end

    # Tells the running job of a class with reschedule_once that it must run once more; take_signal is true if it was told.
    def signal = Sidekiq.redis { |redis| redis.set(signal_key, 1, ex: TTL) }
    def take_signal = Sidekiq.redis { |redis| redis.del(signal_key) } == 1

    def forget = Sidekiq.redis { |redis| redis.del(cookie_key) }

    def idempotency_key
      @job["idempotency_key"] || "resque:gitlab:duplicate:#{@queue}:#{Digest::SHA256.hexdigest(identity)}"
    end

    def cookie_key = "resque:gitlab:#{idempotency_key}:cookie:v2"
    def signal_key = "#{idempotency_key}:checking_duplicate"

    def cookie = Sidekiq.redis { |redis| redis.get(cookie_key) }&.then { |text| MessagePack.unpack(text) }

    private

    def identity = "#{@job["class"]}:#{Sidekiq.dump_json(@job["args"])}"

    def claim
      text = MessagePack.pack("jid" => @job["jid"], "existing_wal_locations" => {}, "offsets" => {}, "wal_locations" => {})
      loop do
        return @job["jid"] if Sidekiq.redis { |redis| redis.set(cookie_key, text, nx: true, ex: TTL) }

        existing = cookie
        return existing["jid"] if existing
      end
    end
  end
end
