# frozen_string_literal: true

require_relative "../support/harness"
require_relative "../support/hubferry_command"

# GitLab's configuration files, the environment and flags, as a whole program takes them.
describe "the configuration" do
  let(:services) { start_services }
  let(:folder) { Dir.mktmpdir("hubferry-config") }

  after { FileUtils.rm_rf(folder) }

  def write(name, text) = File.join(folder, name).tap { |path| File.write(path, text) }

  def work(*arguments, environment: {})
    HubferryCommand.run("work", "--gitlab-config", folder, *arguments, environment: environment)
  end

  # The one line of the log that says why the process does not start.
  def refusal(*arguments, **options)
    command = work(*arguments, **options)
    _(command.status).must_equal 2, command.output
    _(command.errors).must_be_empty
    JSON.parse(command.output).fetch("exception.message")
  end

  it "is complete with GitLab's own files" do
    process = HubferryProcess.new(services)
    _(process.identity).wont_be_nil
    _(process.term).must_be :success?
    process.log.each { |line| _(line.keys).must_include "severity", line }
  end

  it "is complete with variables alone" do
    postgres = services.postgres.connection
    url = "host=#{postgres[:host]} port=#{postgres[:port]} dbname=#{postgres[:dbname]} user=#{postgres[:user]}"
    key = write("db_key_base", "#{ImportCredentials::DB_KEY_BASE}\n")
    command = HubferryCommand.run("check", "--gitlab-config", folder, environment: {
                                    "HUBFERRY_REDIS_URL" => services.redis.url, "HUBFERRY_DATABASE_URL" => url,
                                    "HUBFERRY_DB_KEY_BASE_FILE" => key, "HUBFERRY_GITLAB_URL" => "https://gitlab.example.com",
                                    "HUBFERRY_STORAGES" => "default=#{folder}",
                                    "HUBFERRY_ROUTING_RULES" => '[["queue_namespace=github_importer","github_importer"],["*","default"]]'
                                  })
    _(command.status).must_equal 0, command.output + command.errors
  end

  it "takes the Redis of the first source that names one" do
    write("resque.yml", "production:\n  url: redis://127.0.0.1:1/0\n")
    write("redis.yml", "production:\n  queues:\n    url: #{services.redis.url}\n")
    command = HubferryCommand.run("status", "--gitlab-config", folder)
    _(command.status).must_equal 0, command.errors
    _(command.output).must_include "not known: no database is configured"

    command = HubferryCommand.run("status", "--gitlab-config", folder, environment: { "HUBFERRY_REDIS_URL" => "redis://127.0.0.1:1/0" })
    _(command.status).must_equal 1
  end

  it "is refused in one JSON line that says what to do" do
    write("resque.yml", "production:\n  url: <%= ENV['REDIS_URL'] %>\n")
    _(refusal).must_match(/resque.yml contains ERB tags.*render the file first/)
    write("resque.yml", "production: {secret_file: redis.yaml.enc}\n")
    _(refusal).must_match(/secret_file.*--redis-url-file/)
    write("resque.yml", "production: [\n")
    _(refusal).must_match(/resque.yml is not readable as YAML/)
    FileUtils.rm(File.join(folder, "resque.yml"))
    _(refusal).must_match(/no database is configured; give --gitlab-config or HUBFERRY_DATABASE_URL/)
    _(refusal("-q", "default")).must_match(/queue 'default'.*--fallback-queue/)
    _(refusal("-c", "many")).must_match(/--concurrency must be a whole number/)
    _(refusal(environment: { "SIDEKIQ_TIMEOUT" => "soon" })).must_match(/SIDEKIQ_TIMEOUT must be a whole number/)
  end

  it "keeps secrets out of every message and out of the process list" do
    write("database.yml", "production: {main: {database: gitlab, host: 127.0.0.1, port: 1, password: hunter2}}\n")
    write("resque.yml", "production: {url: 'redis://:hunter2@127.0.0.1:1/0'}\n")
    write("secrets.yml", "production: {db_key_base: hunter2}\n")
    command = HubferryCommand.run("check", "--gitlab-config", folder, environment: { "HUBFERRY_GIT_PUSH_TOKEN" => "hunter2", "HUBFERRY_GITLAB_URL" => "http://127.0.0.1:1" })
    _(command.status).must_equal 1
    _(command.output + command.errors).wont_include "hunter2"
    _(refusal(environment: { "HUBFERRY_DATABASE_URL" => "postgresql://git:hunter2@[/gitlab" })).wont_include "hunter2"
    _(refusal(environment: { "HUBFERRY_REDIS_URL" => "http://:hunter2@redis" })).wont_include "hunter2"
  end
end
