# frozen_string_literal: true

require_relative "paths"
require_relative "sidekiq_process"

# A real Ruby Sidekiq process with GitLab's fetcher, middleware and the job classes of spec/ruby/.
class RubyWorker < SidekiqProcess
  # queues: names, or NAME,WEIGHT texts. environment: see spec/ruby/boot.rb. boot: the file in spec/ruby/ that is loaded.
  def initialize(services, queues:, concurrency: 5, timeout: 25, semi_reliable: true, environment: {}, boot: "boot.rb", ready: true)
    super(services, "ruby_worker", "sidekiq", "-r", File.join(Paths::SPEC, "ruby", boot), "-e", "production",
          "-c", concurrency.to_s, "-t", timeout.to_s, *queues.flat_map { |queue| ["-q", queue] }, ready: ready,
          environment: { "REDIS_URL" => services.redis.url, "SEMI_RELIABLE" => semi_reliable ? "1" : "0",
                         **services.postgres.environment, **environment })
  end
end
