# frozen_string_literal: true

require "json"
require_relative "gitlab_config"
require_relative "paths"
require_relative "sidekiq_process"

# A `hubferry work` process (or the same program with the specs' job classes) on the private services, with GitLab's own
# configuration files.
class HubferryProcess < SidekiqProcess
  PROGRAMS = { hubferry: File.join(Paths::BUILD, "worker", "hubferry"), spec_worker: File.join(Paths::BUILD, "spec", "spec_worker") }.freeze

  # A program to run them under, with its options: see script/valgrind.
  WRAPPER = ENV.fetch("HUBFERRY_WRAPPER", "").split.freeze

  attr_reader :config

  # arguments: further options of `hubferry work`. wrapper: a program to run it under, in place of HUBFERRY_WRAPPER's.
  def initialize(services, queues: ["github_importer"], program: :hubferry, concurrency: 5, timeout: 25, arguments: [], wrapper: WRAPPER,
                 environment: {}, config: GitlabConfig.new(File.join(services.folder, "config"), services), ready: true)
    @config = config
    super(services, program.to_s, *wrapper, PROGRAMS.fetch(program), "work", "--gitlab-config", config.folder, "-c", concurrency.to_s,
          "-t", timeout.to_s, *queues.flat_map { |queue| ["-q", queue] }, *arguments,
          environment: { "RAILS_ENV" => "production", **environment }, ready: ready)
  end

  # The lines of the log so far, as hashes. Lines that are no JSON (a sanitizer's report) are { "text" => line }.
  def log
    @log ||= []
    File.open(output) do |file|
      file.seek(@read.to_i)
      file.each_line do |line|
        break unless line.end_with?("\n")

        @log << parse(line.chomp)
        @read = file.pos
      end
    end
    @log.dup
  end

  # Waits for a log line for which the block is true, and returns it.
  def wait_for_log(what, timeout: 90, &block) = wait_until("log line: #{what}", timeout: timeout) { log.find(&block) }

  private

  def parse(line)
    JSON.parse(line)
  rescue JSON::ParserError
    { "text" => line }
  end
end
