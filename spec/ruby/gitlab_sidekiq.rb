# frozen_string_literal: true

require "sidekiq"
require_relative "gitlab_sidekiq/context"
require_relative "gitlab_sidekiq/duplicate_job"
require_relative "gitlab_sidekiq/middleware"
require_relative "gitlab_sidekiq/router"
require_relative "gitlab_sidekiq/status"
require_relative "gitlab_sidekiq/worker_options"

# What GitLab adds to Sidekiq and a job on the wire shows: class options, routing, context, status keys, deduplication,
# size limiter. Used by the specs to push jobs as GitLab's Rails does, and by the Ruby Sidekiq process of the specs.
module GitlabSidekiq
  # The gems of Debian bookworm warn of each other's old habits with every call.
  if Redis.respond_to?(:sadd_returns_boolean=)
    Redis.silence_deprecations = true
    Redis.sadd_returns_boolean = false
  end

  module_function

  # Pushes a job as SomeWorker.perform_async (or perform_in, with delay:) in GitLab. Returns the jid, nil for a dropped duplicate.
  # Without queue: the routing rules choose. `extra` are further payload fields.
  def push(class_name, args, queue: nil, delay: nil, extra: {})
    options = WorkerOptions.of(class_name)
    item = { "queue" => queue || Router.queue_of(class_name, options), "class" => class_name, "args" => args }
    item["at"] = Time.now.to_f + delay if delay
    Sidekiq::Client.push(options.merge(extra).merge(item))
  end

  def install(config)
    config.client_middleware do |chain|
      Middleware::CLIENT.each { |middleware| chain.add(middleware) }
    end
    return unless Sidekiq.server?

    config.server_middleware do |chain|
      Middleware::SERVER.each { |middleware| chain.add(middleware) }
    end
  end
end
