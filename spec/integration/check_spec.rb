# frozen_string_literal: true

require_relative "../support/harness"
require_relative "../support/hubferry_command"
require_relative "../support/import_scenario"

describe "hubferry check" do
  let(:services) { start_services }
  let(:config) { GitlabConfig.new(File.join(services.folder, "config"), services) }
  let(:database) { GitlabDatabase.new(services.postgres) }

  def check(*arguments, **options) = HubferryCommand.run("check", "--gitlab-config", config.folder, *arguments, **options)

  # The findings of one kind: "ok", "warning", "error".
  def findings(command, kind) = command.lines.grep(/\A#{kind} /)

  it "finds no error where everything is as it should be" do
    command = check
    _(command.status).must_equal 0, command.output
    _(findings(command, "error")).must_be_empty
    _(command.output).must_include "schema: every table is as the importers know it"
    _(command.output).must_match(/Gitlab::GithubImport::Stage::ImportRepositoryWorker comes here, by queue github_importer/)
  end

  it "changes nothing" do
    check
    _(database.value("SELECT to_regclass('hubferry.receipts')")).must_be_nil
    _(SidekiqSide.new(services.redis).redis { |redis| redis.call("DBSIZE") }).must_equal 0
  end

  it "says what is not there, and goes on" do
    services.redis.kill
    services.postgres.kill
    FileUtils.rm_rf(config.storage)
    errors = findings(command = check, "error")
    _(command.status).must_equal 1
    _(errors.grep(/Redis store/).size).must_equal 4
    _(errors.grep(/PostgreSQL/).size).must_equal 1
    _(errors.grep(/storage default/).size).must_equal 1
    errors.each { |error| _(error).must_include "  -> " }
  end

  it "tells a schema that the importers do not know" do
    database.query("ALTER TABLE labels ADD COLUMN surprise integer NOT NULL")
    database.query("ALTER TABLE milestones RENAME COLUMN title TO heading")
    errors = findings(command = check, "error")
    _(command.status).must_equal 1
    _(errors.grep(/labels.*surprise|surprise.*labels/).size).must_equal 1
    _(errors.grep(/milestones/)).wont_be_empty
  end

  it "tells when no job will ever come" do
    command = check("--routing-rules", '[["*","default"]]')
    _(command.status).must_equal 1
    _(findings(command, "error").join).must_match(/no job will ever come here .*queue_namespace=github_importer/)
    command = check("--queue", "default")
    _(findings(command, "error").join).must_match(/queue default is listened to and is also the fallback queue/)
  end

  describe "of a project" do
    let(:scenario) { ImportScenario.new(services) }

    def import(**options) = scenario.schedule_import("checked", **options)

    it "decrypts the token and tries it at GitHub" do
      project = import
      by_path = check("--project", project.full_path)
      _(by_path.status).must_equal 0, by_path.output
      _(by_path.output).must_match(/project #{project.id} \(#{project.full_path}\): import of octo\/demo, state scheduled/)
      _(by_path.output).must_match(/GitHub takes the token: \d+ of \d+ requests left/)
      _(by_path.output + by_path.errors).wont_include ImportScenario::TOKEN
      _(check("--project", project.id.to_s).status).must_equal 0
    end

    it "tells a token that GitHub refuses, a key that does not fit, and a project that is not there" do
      project = import
      scenario.github.fault("match" => "/rate_limit", "status" => 401)
      _(findings(check("--project", project.full_path), "error").join).must_match(/GitHub: .*401/)
      wrong_key = check("--project", project.full_path, environment: { "HUBFERRY_DB_KEY_BASE" => "another" })
      _(findings(wrong_key, "error").join).must_match(/stored token: .*compare db_key_base/)
      _(findings(check("--project", "imports/nothing"), "error").join).must_include "there is no project imports/nothing"
    end
  end
end
