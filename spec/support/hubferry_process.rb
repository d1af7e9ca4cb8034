# frozen_string_literal: true

require "json"
require "redis"
require_relative "child_process"
require_relative "gitlab_config"
require_relative "paths"

# A `hubferry work` process (or the same program with the specs' job classes) on the private services, with GitLab's own
# configuration files.
class HubferryProcess < ChildProcess
  PROGRAMS = { hubferry: File.join(Paths::BUILD, "worker", "hubferry"), spec_worker: File.join(Paths::BUILD, "spec", "spec_worker") }.freeze

  @count = 0
  def self.next_number = @count += 1

  attr_reader :config, :folder

  # arguments: further options of `hubferry work`. ready: false does not wait for the process to register itself.
  def initialize(services, queues: ["github_importer"], program: :hubferry, concurrency: 5, timeout: 25, arguments: [],
                 environment: {}, config: nil, ready: true)
    @services = services
    @folder = File.join(services.folder, "hubferry-#{self.class.next_number}")
    @config = config || GitlabConfig.new(File.join(folder, "config"), services)
    super(PROGRAMS.fetch(program), "work", "--gitlab-config", @config.folder, "-c", concurrency.to_s, "-t", timeout.to_s,
          *queues.flat_map { |queue| ["-q", queue] }, *arguments,
          output: prepared_output, environment: { "RAILS_ENV" => "production", **environment })
    wait_until("registered in Redis") { identity } if ready
  end

  # Sidekiq's identity HOST:PID:NONCE, nil as long as the process is not registered.
  def identity
    client = Redis.new(path: @services.redis.socket)
    client.smembers("processes").find { |identity| identity.include?(":#{pid}:") }
  ensure
    client&.close
  end

  # The lines of the log so far, as hashes. Lines that are no JSON (a sanitizer's report) are { "text" => line }.
  def log
    text.lines(chomp: true).map do |line|
      JSON.parse(line)
    rescue JSON::ParserError
      { "text" => line }
    end
  end

  # Waits for a log line for which the block is true, and returns it.
  def wait_for_log(what, timeout: 30, &block) = wait_until("log line: #{what}", timeout: timeout) { log.find(&block) }

  private

  def prepared_output
    FileUtils.mkdir_p(folder)
    File.join(folder, "hubferry.log")
  end
end
