# frozen_string_literal: true

require "digest"
require "fileutils"
require "tmpdir"
require_relative "paths"
require_relative "private_postgres"

# A data directory with GitLab's schema and seed already loaded, kept in the build directory and copied for each server.
# It is made again when the schema, its seed or PostgreSQL's version changes. Safe for tests that run at the same time.
module PostgresTemplate
  SCHEMA = File.join(Paths::SPEC, "gitlab_schema")
  FOLDER = File.join(Paths::BUILD, "spec", "postgres")

  module_function

  def copy_to(folder)
    FileUtils.mkdir_p(FOLDER)
    File.open(File.join(FOLDER, "lock"), File::CREAT | File::RDWR) do |lock|
      lock.flock(File::LOCK_EX)
      make unless File.directory?(template)
      lock.flock(File::LOCK_SH)
      run("cp", "-a", template, folder)
    end
  end

  def template = File.join(FOLDER, digest)

  def digest
    @digest ||= begin
      files = Dir[File.join(SCHEMA, "*")].sort.map { |file| File.read(file) }
      Digest::SHA256.hexdigest([PrivatePostgres.version, PrivatePostgres::SETTINGS, File.read(__FILE__), *files].join("\0"))[0, 16]
    end
  end

  def make
    Dir.mktmpdir("hubferry-postgres") do |folder|
      FileUtils.chmod(0o711, folder)
      server = PrivatePostgres.new(File.join(folder, "server"))
      server.initdb
      load_schema(server)
      FileUtils.rm_rf(Dir[File.join(FOLDER, "*")].select { |file| File.directory?(file) })
      run("cp", "-a", server.data, "#{template}.new")
      File.rename("#{template}.new", template)
    end
  end

  # Database "postgres" goes: nobody uses it, and every file less makes the copies quicker.
  def load_schema(server)
    server.start
    server.psql("template1", "DROP DATABASE postgres;\nCREATE DATABASE #{PrivatePostgres::DATABASE};")
    server.psql(PrivatePostgres::DATABASE, IO.popen([File.join(SCHEMA, "generate"), "--seed"], &:read))
  ensure
    server.stop
  end

  def run(*command) = system(*command, exception: true)
end
