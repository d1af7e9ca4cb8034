# frozen_string_literal: true

require "fileutils"
require "tmpdir"
require_relative "private_postgres"
require_relative "private_redis"

# One Redis and one PostgreSQL of our own in a folder of their own, which `stop` removes.
#
# A guard process stops them and removes the folder when their owner has gone without stopping them, however it died.
class PrivateServices
  COMMAND = File.join(__dir__, "services")

  attr_reader :folder, :redis, :postgres

  def initialize(folder)
    @folder = File.expand_path(folder)
    @redis = PrivateRedis.new(File.join(@folder, "redis"))
    @postgres = PrivatePostgres.new(File.join(@folder, "postgres"))
  end

  # Starts both. The folder must be new or empty; without one a temporary folder is made.
  def self.start(folder = Dir.mktmpdir("hubferry"), owner: Process.pid, appendonly: false)
    new(folder).start(owner: owner, appendonly: appendonly)
  end

  def start(owner:, appendonly:)
    FileUtils.mkdir_p(folder)
    FileUtils.chmod(0o711, folder)
    raise "#{folder} is not empty" unless Dir.empty?(folder)

    File.write(marker, "")
    guard(owner) if owner
    starting = Thread.new { postgres.create.start }
    redis.create(appendonly: appendonly).start
    starting.join
    File.write(marker, environment.map { |name, value| "#{name}=#{value}\n" }.join)
    self
  end

  # Running and as if just started, whatever was done to them; quicker than new ones.
  def reset
    [redis, postgres].each { |server| server.start unless server.running? }
    redis.reset
    postgres.reset
    self
  end

  def stop
    raise "#{folder} was not made by `services start`" unless File.exist?(marker)

    redis.kill
    postgres.kill
    FileUtils.rm_rf(folder)
  end

  # What `services start` prints, for shell scripts and C programs.
  def environment
    { "REDIS_SOCKET" => redis.socket, "REDIS_PORT" => redis.port, "REDIS_URL" => redis.url, **postgres.environment }
  end

  private

  def marker = File.join(folder, "services.env")

  def guard(owner)
    script = 'while kill -0 "$1" && test -d "$2"; do sleep 1; done; test -d "$2" && exec "$3" stop "$2"'
    Process.detach(spawn("sh", "-c", script, "guard", owner.to_s, folder, COMMAND,
                         in: :close, %i[out err] => File::NULL, pgroup: true))
  end
end
