# frozen_string_literal: true

require "fileutils"
require "open3"
require_relative "process_table"
require_relative "unprivileged"
require_relative "wait_until"

# A PostgreSQL server of our own in FOLDER, on a unix socket only, with GitLab's schema and seed in database DATABASE.
#
# fsync is off: a restart or a killed server loses nothing, only a crash of the machine would. As root the server runs as
# another user (unprivileged.rb). Nobody has counted the rows, of which there are few: left to itself the planner compiles queries and
# starts workers for them, which takes a thousand times longer than the queries.
class PrivatePostgres
  DATABASE = "gitlabhq_production"
  USER = "gitlab"
  PORT = 5432
  PROGRAMS = Dir["/usr/lib/postgresql/*/bin"].max_by { |folder| folder[%r{/(\d+)/bin}, 1].to_i } || "/usr/bin"
  SETTINGS = <<~CONF
    listen_addresses = ''
    port = #{PORT}
    max_connections = 300
    timezone = 'UTC'
    log_timezone = 'UTC'
    fsync = off
    full_page_writes = off
    max_wal_size = 1GB
    shared_buffers = 128MB
    logging_collector = off
    jit = off
    max_parallel_workers_per_gather = 0
  CONF

  def self.version = `#{PROGRAMS}/postgres --version`

  attr_reader :folder

  def initialize(folder)
    @folder = folder
  end

  def data = File.join(folder, "data")
  def log = File.join(folder, "postgres.log")
  def pid = File.foreach(pid_file).first.to_i
  def running? = File.exist?(pid_file) && ProcessTable.alive?(pid)

  # For libpq: PG.connect(**server.connection), or as environment of psql and of C programs.
  def connection = { host: folder, port: PORT, dbname: DATABASE, user: USER }

  def environment
    { "PGHOST" => folder, "PGPORT" => PORT.to_s, "PGDATABASE" => DATABASE, "PGUSER" => USER }
  end

  def create
    make_folder
    PostgresTemplate.copy_to(data)
    self
  end

  def initdb
    make_folder
    run("initdb", "-D", data, "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--wal-segsize=1", "--no-sync")
    File.write(File.join(data, "postgresql.conf"), SETTINGS, mode: "a")
  end

  def start
    command = Unprivileged.command("#{PROGRAMS}/postgres", "-D", data, "-k", folder)
    Process.detach(spawn(*command, in: :close, %i[out err] => [log, "a"], pgroup: true, chdir: "/"))
    WaitUntil.wait_until(what: "PostgreSQL ready", details: -> { File.read(log) }) { ready? }
    self
  end

  def stop = finish(:INT)

  def kill = finish(:QUIT)

  def restart(kill: false)
    kill ? self.kill : stop
    start
  end

  # Brings the database back to the fresh seed. Sessions stay.
  def reset = psql(DATABASE, "SELECT FROM spec.reset();\nSELECT FROM spec.seed();")

  def psql(database, sql)
    command = ["#{PROGRAMS}/psql", "-h", folder, "-p", PORT.to_s, "-U", USER, "-d", database, "-qX", "-v", "ON_ERROR_STOP=1"]
    output, status = Open3.capture2e(*command, stdin_data: sql)
    raise "psql failed: #{output}" unless status.success?
  end

  private

  def pid_file = File.join(data, "postmaster.pid")

  # The server writes its state into the last line of its pid file.
  def ready? = running? && File.readlines(pid_file).last.to_s.strip == "ready"

  def make_folder
    FileUtils.mkdir_p(folder)
    Unprivileged.own(folder)
  end

  # INT ends all sessions and shuts down cleanly; QUIT is a crash from which the next start recovers.
  def finish(signal)
    return unless running?

    process = pid
    Process.kill(signal, process)
    WaitUntil.wait_until(what: "PostgreSQL stopped") { !ProcessTable.alive?(process) }
    FileUtils.rm_f(pid_file)
  end

  def run(program, *arguments)
    output, status = Open3.capture2e(*Unprivileged.command("#{PROGRAMS}/#{program}", *arguments), chdir: "/")
    raise "#{program} failed: #{output}" unless status.success?
  end
end

require_relative "postgres_template"
