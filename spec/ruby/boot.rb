# frozen_string_literal: true

# What `sidekiq -r` loads in the Ruby processes of the specs: GitLab's fetcher and middleware, and the job classes.
#
# Environment: REDIS_URL, PGHOST and the like, SEMI_RELIABLE (1: semi-reliable fetch, GitLab's setting),
# CLEANUP_INTERVAL and LEASE_INTERVAL (seconds). For the benchmarks: GITLAB_MIDDLEWARE=0 leaves GitLab's middleware out,
# LOG_LEVEL=warn the lines about each job.

require "sidekiq"
require "sidekiq-reliable-fetch"
require_relative "gitlab_sidekiq"
require_relative "gitlab_workers"
require_relative "recording_workers"
require_relative "test_workers"

# Debian's 0.8.0 asks the class under a symbol, where Sidekiq keeps texts; GitLab's own copy of the gem finds the limit.
module ClassLimit
  def max_retries_after_interruption(worker_class)
    Object.const_get(worker_class).get_sidekiq_options["max_retries_after_interruption"] || super
  rescue NameError
    super
  end
end
Sidekiq::BaseReliableFetch.prepend(ClassLimit)

Sidekiq.configure_server do |config|
  Sidekiq.logger.level = ENV.fetch("LOG_LEVEL", "info").upcase.then { |name| Logger.const_get(name) }
  config.options[:semi_reliable_fetch] = ENV["SEMI_RELIABLE"] == "1"
  %i[cleanup_interval lease_interval].each do |name|
    config.options[name] = Integer(ENV[name.to_s.upcase]) if ENV[name.to_s.upcase]
  end
  # As GitLab's copy: alive before the first fetch.
  Sidekiq::BaseReliableFetch.heartbeat
  Sidekiq::ReliableFetch.setup_reliable_fetch!(config)
  GitlabSidekiq.install(config) unless ENV["GITLAB_MIDDLEWARE"] == "0"
end
