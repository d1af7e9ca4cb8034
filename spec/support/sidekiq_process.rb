# frozen_string_literal: true

require "redis"
require_relative "child_process"

# A worker process on the private services, of either kind: it registers itself in Redis as Sidekiq does.
class SidekiqProcess < ChildProcess
  STARTED = Hash.new(0)
  private_constant :STARTED

  # ready: false does not wait until the process has registered itself. Its output goes to NAME-NUMBER.log.
  def initialize(services, name, *command, environment:, ready:)
    @redis = services.redis
    number = STARTED[name] += 1
    super(*command, output: File.join(services.folder, "#{name}-#{number}.log"), environment: environment)
    wait_until("registered in Redis") { identity } if ready
  end

  # Sidekiq's identity HOST:PID:NONCE, nil as long as the process is not registered.
  def identity
    client = Redis.new(path: @redis.socket)
    client.smembers("processes").find { |identity| identity.include?(":#{pid}:") }
  ensure
    client&.close
  end
end
