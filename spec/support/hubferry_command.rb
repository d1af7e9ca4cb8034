# frozen_string_literal: true

require "json"
require "open3"
require_relative "paths"

# A command of the program `hubferry` that is run to its end: HubferryCommand.run("check", "--project", "1").
#
# Variables that would decide for the command are taken out of the environment, unless they are given.
class HubferryCommand
  PROGRAM = File.join(Paths::BUILD, "worker", "hubferry")
  OURS = /\A(HUBFERRY_|AWS_|SIDEKIQ_|GITLAB_|RAILS_ENV|[a-z]+_proxy)/i

  attr_reader :output, :errors, :status

  def self.run(...) = new(...)

  def initialize(*arguments, environment: {})
    cleared = ENV.keys.grep(OURS).to_h { |name| [name, nil] }
    @output, @errors, result = Open3.capture3(cleared.merge(environment), PROGRAM, *arguments, stdin_data: "")
    @status = result.exitstatus
  end

  def lines = output.lines(chomp: true)
  def json = JSON.parse(output)
end
