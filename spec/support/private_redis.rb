# frozen_string_literal: true

require "fileutils"
require "socket"
require_relative "free_port"
require_relative "process_table"
require_relative "wait_until"

# A redis-server of our own in FOLDER, on a unix socket and on a loopback port. Both survive a restart.
#
# With appendonly: true every write is on disk before Redis answers, so `kill` loses nothing that was acknowledged;
# otherwise `stop` keeps the data (a snapshot is written) and `kill` loses it.
class PrivateRedis
  attr_reader :folder

  def initialize(folder)
    @folder = folder
  end

  def socket = File.join(folder, "redis.sock")
  def port = Integer(File.read(configuration_file)[/^port (\d+)/, 1])
  def url = "redis://127.0.0.1:#{port}/0"
  def pid = File.read(pid_file).to_i
  def log = File.join(folder, "redis.log")
  def running? = File.exist?(pid_file) && ProcessTable.alive?(pid)

  def create(appendonly: false)
    FileUtils.mkdir_p(folder)
    File.write(configuration_file, configuration(FreePort.find, appendonly))
    self
  end

  def start
    Process.detach(spawn("redis-server", configuration_file, in: :close, %i[out err] => [log, "a"], pgroup: true))
    WaitUntil.wait_until(what: "Redis ready", details: -> { File.read(log) }) { ping? }
    self
  end

  def stop = finish { call("SHUTDOWN SAVE") }

  def kill = finish { Process.kill(:KILL, pid) }

  def restart(kill: false)
    kill ? self.kill : stop
    start
  end

  def reset = call("FLUSHALL")

  private

  def configuration_file = File.join(folder, "redis.conf")
  def pid_file = File.join(folder, "redis.pid")

  def configuration(port, appendonly)
    <<~CONF
      bind 127.0.0.1
      port #{port}
      unixsocket #{socket}
      unixsocketperm 700
      dir #{folder}
      pidfile #{pid_file}
      daemonize no
      save ""
      appendonly #{appendonly ? "yes" : "no"}
      appendfsync always
    CONF
  end

  def finish
    return unless running?

    process = pid
    yield
    WaitUntil.wait_until(what: "Redis stopped") { !ProcessTable.alive?(process) }
    FileUtils.rm_f([pid_file, socket])
  end

  def ping? = call("PING")&.start_with?("+PONG")

  # Inline commands need no client library. The answer of SHUTDOWN is the end of the connection.
  def call(command)
    UNIXSocket.open(socket) do |connection|
      connection.puts(command)
      connection.gets
    end
  rescue Errno::ENOENT, Errno::ECONNREFUSED, Errno::ECONNRESET, Errno::EPIPE
    nil
  end
end
