# frozen_string_literal: true

require_relative "../support/harness"
require_relative "../support/hubferry_command"
require_relative "../support/import_scenario"
require_relative "../support/object_storage"

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
    _(errors.grep(/Redis store/).size).must_equal 5
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

  describe "of the places of files" do
    let(:services) { shared_services }

    def config_with(gitlab_yml)
      GitlabConfig.new(File.join(services.folder, "files"), services, overrides: { "gitlab.yml" => gitlab_yml }).folder
    end

    def check_files(gitlab_yml, *arguments) = check("--gitlab-config", config_with(gitlab_yml), *arguments)

    def folder(name) = File.join(services.folder, name).tap { |path| FileUtils.mkdir_p(path) }

    it "says which folders are writable, and leaves nothing there" do
      command = check("--uploads-directory", folder("uploads"), "--lfs-directory", folder("lfs"))
      _(command.status).must_equal 0, command.output
      _(findings(command, "ok").join).must_match(%r{uploads: .*/uploads is writable.*LFS objects: .*/lfs is writable}m)
      _(Dir.children(folder("uploads")) + Dir.children(folder("lfs"))).must_be_empty
    end

    it "says that Ruby keeps the files that have no place here" do
      command = check_files({ "uploads" => { "storage_path" => "/nowhere" }, "lfs" => { "enabled" => false } })
      _(command.status).must_equal 0, command.output
      _(findings(command, "warning").join).must_match(%r{No place for uploads: /nowhere/uploads is not a directory.*fallback queue})
      _(findings(command, "ok").join).must_include "GitLab has LFS disabled"
    end

    it "tries the buckets, and leaves nothing there" do
      storage = ObjectStorage.new(folder("objects"), buckets: %w[uploads lfs])
      command = check_files(storage.gitlab_yml)
      _(command.status).must_equal 0, command.output
      _(findings(command, "ok").join).must_match(/uploads: bucket uploads at http.* is writable.*LFS objects: bucket lfs at/m)
      _(storage.objects("uploads").merge(storage.objects("lfs"))).must_be_empty
      _(command.output + command.errors).wont_include ObjectStorage::SECRET_ACCESS_KEY
    end

    it "says what is wrong with a bucket" do
      storage = ObjectStorage.new(folder("one bucket"), buckets: %w[uploads])
      missing = check_files(storage.gitlab_yml)
      _(missing.status).must_equal 1, missing.output
      _(findings(missing, "error").join).must_match(/LFS objects: .*404 NoSuchBucket  -> compare object_store/)
      wrong_key = check_files(storage.gitlab_yml, "--object-storage-access-key-id", "AKIASOMEBODY")
      _(findings(wrong_key, "error").join).must_match(/uploads: .*403 InvalidAccessKeyId/)
    end
  end

  it "tells when no job will ever come" do
    command = check("--routing-rules", '[["*","default"]]')
    _(command.status).must_equal 1
    _(findings(command, "error").join).must_match(/no job will ever come here .*queue_namespace=github_importer/)
    _(findings(command, "warning").join).wont_match(/does not listen to/)
    command = check("--routing-rules", '[["worker_name=RepositoryImportWorker","github_importer"],["*","default"]]')
    _(findings(command, "warning").join).must_match(/AdvanceStageWorker goes to queue default, which this worker does not listen to/)
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
