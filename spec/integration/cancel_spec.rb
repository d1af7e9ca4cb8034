# frozen_string_literal: true

# An import that ends from outside, at any moment: what it is doing stops within seconds, what was imported stays, and nothing is
# enqueued any more.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "an import that ends while it runs" do
  OBJECTS = { labels: 2, milestones: 1, releases: 1, issues: 30, pulls: 1, branches: 1, users: 2, seed: 7 }.freeze
  ISSUE = "Gitlab::GithubImport::ImportIssueWorker"
  LOADER = "Import::LoadPlaceholderReferencesWorker"
  FINISH = "Gitlab::GithubImport::Stage::FinishImportWorker"
  ADVANCE = "Gitlab::GithubImport::AdvanceStageWorker"
  # Scheduled when a stage begins.
  REFRESH = "Gitlab::Import::RefreshImportJidWorker"
  # Nobody works here but who is asked to: for jobs that wait.
  LATER = "later"
  RULES = [["worker_name=#{ISSUE},#{LOADER}", LATER], *GitlabSidekiq::Router::DEFAULT_RULES].freeze
  # Until somebody loses patience.
  SILENCE = { "hang" => 300, "times" => 1 }.freeze
  # Long before the end of what hangs, and enough for the slowest machine.
  SOON = 120
  WAITER = "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"
  CHECKSUMS = '{"fetched": {"label": 2}, "imported": {"label": 2}}'
  STOPPED = "Project import is no longer running. Stopping worker."

  let(:scenario) { ImportScenario.new(shared_services, objects: OBJECTS) }
  let(:database) { scenario.database }
  let(:sidekiq) { scenario.sidekiq }
  let(:config) do
    GitlabConfig.new(Dir.mktmpdir("routed", scenario.services.folder), scenario.services, storage: scenario.config.storage, routing_rules: RULES)
  end

  def start_hubferry(*arguments, queues: [ImportScenario::QUEUE])
    @hubferry = HubferryProcess.new(scenario.services, queues: queues, config: config, concurrency: 8,
                                                       arguments: ["--average-scheduled-poll-interval", "0.2", *arguments])
  end

  def schedule(path, **options) = scenario.schedule_import(path, **options)

  def wait_for(what, &block) = wait_until(timeout: SOON, what: what, details: -> { @hubferry.tail }, &block)

  # What the block begins gets as far as this request, whose answer does not come. Returns what the block says.
  def up_to(path, *answers)
    scenario.github.clear_faults
    answers.each { |answer| scenario.github.fault(answer.merge("match" => path)) }
    begun = yield
    wait_for("a request of #{path}") { scenario.github.faults.sum { |fault| fault["hits"] }.positive? }
    begun
  end

  # An import of its own.
  def import_up_to(path, *answers) = up_to(path, *answers, SILENCE) { schedule(path[/\w+\z/]) }

  # One of the last jobs of an import: the file in the description of a release comes as slowly as it likes.
  def attach_up_to(path, project)
    text = "![plan](#{scenario.github.url}#{path})"
    id = Integer(database.value("UPDATE releases SET description = $2 WHERE project_id = $1 RETURNING id", project.id, text))
    arguments = [project.id, { "record_db_id" => id, "record_type" => "Release", "tag" => "v1", "text" => text }, WAITER]
    up_to(path, SILENCE) { sidekiq.push("Gitlab::GithubImport::Attachments::ImportReleaseWorker", arguments) }
  end

  # A repository without anything to import but its only label.
  def make_small_repository(name)
    scenario.github.repository("full_name" => name, "has_wiki" => false, "labels" => [{ "name" => "bug", "color" => "fbca04" }])
    ImportScenario.make_repository(ImportScenario.git_root(OBJECTS), "--commits", "1", "--wiki-pages", "0", "#{name}:issues=0")
  end

  def running(class_name) = sidekiq.working.values.flatten.select { |job| job["class"] == class_name }
  def count(table, project) = Integer(database.value("SELECT count(*) FROM #{table} WHERE project_id = $1", project.id))

  def end_as(project, status)
    database.query("UPDATE project_mirror_data SET status = $2, checksums = $3 WHERE project_id = $1", project.id, status, CHECKSUMS)
    database.query("DELETE FROM project_import_data WHERE project_id = $1", project.id)
  end

  # What ProjectImportState#cancel does.
  def cancel(project)
    jid = database.import_state(project)["jid"]
    end_as(project, "canceled")
    sidekiq.redis { |redis| redis.del("gitlab-sidekiq-status:#{jid}") } if jid
    database.query("UPDATE project_mirror_data SET jid = NULL WHERE project_id = $1", project.id)
  end

  # What the search for stuck imports does.
  def fail_import(project)
    end_as(project, "failed")
    database.query("UPDATE project_mirror_data SET last_error = 'Import timed out.' WHERE project_id = $1", project.id)
  end

  def delete(project) = database.query("DELETE FROM projects WHERE id = $1", project.id)

  def idle? = sidekiq.working.values.all?(&:empty?) && sidekiq.queue_size(ImportScenario::QUEUE).zero?

  # The workers are idle, and nothing is enqueued or scheduled but jobs of these classes, which nobody was to take yet.
  def assert_stopped(waiting: [])
    wait_for("idle workers") { idle? }
    _((sidekiq.scheduled + sidekiq.retries).map { |entry| entry.job["class"] }.uniq - [REFRESH]).must_be_empty
    sidekiq.make_due
    wait_for("the end of all timers") { (sidekiq.scheduled + sidekiq.retries).empty? && idle? }
    _(sidekiq.everywhere.map { |job| job["class"] }.uniq - waiting).must_be_empty
    _(database.query("SELECT * FROM import_failures")).must_be_empty
  end

  def assert_canceled(project)
    _(database.import_state(project).values_at("status", "jid", "last_error", "checksums")).must_equal ["canceled", nil, nil, CHECKSUMS]
  end

  def assert_failed(project)
    _(database.import_state(project).values_at("status", "last_error", "checksums")).must_equal ["failed", "Import timed out.", CHECKSUMS]
  end

  # The process has taken no harm.
  def assert_works
    scenario.github.clear_faults
    make_small_repository("octo/next")
    project = schedule("next", repository: "octo/next")
    _(database.wait_for_import(project, timeout: SOON, details: -> { @hubferry.tail }) { sidekiq.make_due }).must_equal "finished"
    _(@hubferry.term.success?).must_equal true
  end

  it "stops wherever it waits for GitHub, whoever ends it, and keeps what it has" do
    start_hubferry("--uploads-directory", Dir.mktmpdir("uploads", scenario.services.folder))
    mirrored = import_up_to("/octo/demo.git/git-upload-pack")
    read = import_up_to("/repos/octo/demo/releases")
    paged = up_to("/repos/octo/demo/issues", SILENCE.merge("query" => "direction=asc")) { schedule("issues") }
    deleted = import_up_to("/repos/octo/demo/milestones")
    attach_up_to("/user-attachments/assets/0f1e2d3c-0000-4000-8000-000000000000", paged)
    tried_again = import_up_to("/repos/octo/demo/labels", { "reset" => true, "times" => 1 })
    [mirrored, read, tried_again].each { |project| cancel(project) }
    fail_import(paged)
    delete(deleted)
    assert_stopped(waiting: [LOADER])
    [mirrored, read, tried_again].each { |project| assert_canceled(project) }
    assert_failed(paged)
    _(database.import_state(deleted)).must_be_nil
    _([mirrored, read, paged, tried_again].map { |project| count("labels", project) }).must_equal [0, 2, 2, 0]
    _(database.value("SELECT count(*) FROM merge_requests WHERE target_project_id = $1", paged.id)).must_equal "1"
    _(sidekiq.redis { |redis| redis.llen(WAITER) }).must_equal 1
    _(@hubferry.log.select { |line| line["message"] == STOPPED }.map { |line| line["import_status"] }.tally).must_equal("canceled" => 3, "failed" => 2)
    assert_works
  end

  it "stops while a stage waits for its backlog; its object jobs have nothing to do" do
    start_hubferry("--backlog", "1")
    project = schedule("backlog", data: GitlabDatabase::IMPORT_DATA.merge("pagination_limit" => 1))
    wait_for("jobs of issues") { sidekiq.queue_size(LATER) >= 3 }
    cancel(project)
    assert_stopped(waiting: [ISSUE, LOADER])
    _(sidekiq.queue_size(LATER)).must_be :<, OBJECTS[:issues]
    @hubferry.term
    start_hubferry(queues: [ImportScenario::QUEUE, LATER])
    wait_for("the end of the jobs of issues") { sidekiq.queue_size(LATER).zero? }
    assert_stopped
    assert_canceled(project)
    _(count("issues", project)).must_equal 0
  end

  it "stops while object jobs are waited for" do
    start_hubferry
    project = schedule("waiting")
    wait_for("somebody who waits for the issues") { running(ADVANCE).any? { |job| job["args"].last == "issue_events" } }
    cancel(project)
    assert_stopped(waiting: [ISSUE, LOADER])
    assert_canceled(project)
  end

  it "stops while the last stage waits for placeholder references" do
    start_hubferry
    make_small_repository("octo/small")
    project = schedule("small", repository: "octo/small")
    uid = database.import_state(project)["id"]
    sidekiq.redis { |redis| redis.sadd("cache:gitlab:placeholder-references:github:#{uid}", '[null,"Issue",1,1,1,"author_id",1]') }
    wait_for("the last stage") { running(FINISH).any? }
    cancel(project)
    assert_stopped(waiting: [LOADER])
    assert_canceled(project)
    _(count("labels", project)).must_equal 1
  end
end
