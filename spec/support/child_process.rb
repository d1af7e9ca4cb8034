# frozen_string_literal: true

require_relative "process_table"
require_relative "wait_until"

# A program that a spec runs beside itself, its output in a file. It never outlives the spec: it is killed at exit, and the
# kernel kills it when the spec is killed.
class ChildProcess
  RUNNING = []
  private_constant :RUNNING

  def self.kill_all = RUNNING.dup.each(&:kill)
  at_exit { kill_all }

  attr_reader :pid, :output, :status

  # output: the file for stdout and stderr, appended to.
  def initialize(*command, output:, environment: {}, chdir: "/")
    @name = File.basename(command.first)
    @output = output
    @pid = spawn(environment, "setpriv", "--pdeathsig", "KILL", *command, in: :close, %i[out err] => [output, "a"], chdir: chdir)
    RUNNING << self
  end

  def text = File.read(output)

  def running?
    @status ||= Process.wait2(pid, Process::WNOHANG)&.last
    @status.nil?
  end

  def signal(name)
    Process.kill(name, pid) if running?
  end

  def term(timeout: 120) = signal_and_wait(:TERM, timeout)
  def quiet = signal(:TSTP)
  def kill(timeout: 90) = signal_and_wait(:KILL, timeout)

  # Waits for the end; returns the Process::Status.
  def wait(timeout: 120)
    WaitUntil.wait_until(timeout: timeout, what: "the end of #{@name} (#{pid})", details: -> { tail }) { !running? }
    RUNNING.delete(self)
    status
  end

  # Waits until the block is true; fails at once when the process ends before.
  def wait_until(what, timeout: 120)
    WaitUntil.wait_until(timeout: timeout, what: "#{@name}: #{what}", details: -> { tail }) do
      raise "#{@name} ended (#{status}) before #{what}\n#{tail}" unless running?

      yield
    end
  end

  def tail(lines = 40) = text.lines.last(lines).join

  private

  def signal_and_wait(name, timeout)
    signal(name)
    wait(timeout: timeout)
  end
end
