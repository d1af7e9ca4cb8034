# frozen_string_literal: true

require_relative "child_process"
require_relative "paths"

# A real Ruby Sidekiq process with GitLab's fetcher, middleware and the job classes of spec/ruby/.
class RubyWorker < ChildProcess
  @count = 0
  def self.next_number = @count += 1

  # queues: names, or NAME,WEIGHT texts. environment: see spec/ruby/boot.rb. The process has registered itself in Redis when
  # this returns, unless ready: false.
  def initialize(services, queues:, concurrency: 5, timeout: 25, semi_reliable: true, environment: {}, ready: true)
    super("sidekiq", "-r", File.join(Paths::SPEC, "ruby", "boot.rb"), "-e", "production", "-c", concurrency.to_s,
          "-t", timeout.to_s, *queues.flat_map { |queue| ["-q", queue] },
          output: File.join(services.folder, "ruby_worker-#{self.class.next_number}.log"),
          environment: { "REDIS_URL" => services.redis.url, "SEMI_RELIABLE" => semi_reliable ? "1" : "0",
                         **services.postgres.environment, **environment })
    wait_until("the first heartbeat") { process_registered?(services.redis) } if ready
  end

  private

  def process_registered?(redis)
    client = Redis.new(url: redis.url)
    client.smembers("processes").any? { |identity| identity.include?(":#{pid}:") }
  ensure
    client&.close
  end
end
