# frozen_string_literal: true

# GitHub's branch protection becomes protected branches by the strictest rule, whoever executes the jobs, hubferry or Ruby. Ruby's
# importer is that of spec/ruby/import/.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "protected branches" do
  WORKER = "Gitlab::GithubImport::ImportProtectedBranchWorker"
  OBJECTS = "objects"
  RULES = [["worker_name=#{WORKER}", OBJECTS], *GitlabSidekiq::Router::DEFAULT_RULES].freeze
  ON = { "enabled" => true }.freeze
  OFF = { "enabled" => false }.freeze
  REVIEWS = { "required_approving_review_count" => 1, "bypass_pull_request_allowances" => { "users" => ["mira"] } }.freeze
  PROTECTIONS = {
    "main" => { "allow_force_pushes" => ON, "required_conversation_resolution" => ON },
    "rel/1" => { "allow_force_pushes" => ON, "required_pull_request_reviews" => REVIEWS },
    "rel/2" => { "allow_force_pushes" => ON, "required_pull_request_reviews" => {} },
    "fix-1" => { "allow_force_pushes" => ON }, "fix-2" => { "allow_force_pushes" => OFF }, "hot" => { "allow_force_pushes" => ON },
    "docs" => true, "open" => nil
  }.freeze
  # What GitLab protects before: names, who may push, who may merge, whether it may be forced.
  OWN = [["rel/*", 30, 0, false], ["fix-*", 0, 10, true], ["hot", 40, 40, false]].freeze
  DEFAULTS = { "allowed_to_push" => [{ "access_level" => 30 }], "allowed_to_merge" => [{ "access_level" => 40 }], "allow_force_push" => true }.freeze

  let(:scenario) { ImportScenario.new(shared_services) }
  let(:database) { scenario.database }

  def schedule(path)
    branches = PROTECTIONS.map { |name, protection| { "name" => name, "sha" => "b" * 40, "protection" => protection }.compact }
    scenario.github.repository("full_name" => "octo/guarded", "has_wiki" => false, "branches" => branches)
    ImportScenario.make_repository(ImportScenario.git_root, "--commits", "1", "--wiki-pages", "0", "octo/guarded:issues=0")
    scenario.schedule_import(path, repository: "octo/guarded").tap { |project| protect(project) }
  end

  # GitLab's own rules, and what Ruby has cached of them.
  def protect(project)
    OWN.each { |rule| add_rule(project, *rule) }
    database.query("UPDATE namespace_settings SET default_branch_protection_defaults = $2 WHERE namespace_id = " \
                   "(SELECT namespace_id FROM projects WHERE id = $1)", project.id, JSON.generate(DEFAULTS))
    scenario.sidekiq.redis { |redis| redis.hset(cache_key(project), "digest of main", "0") }
  end

  def add_rule(project, name, push, merge, force)
    id = database.value("INSERT INTO protected_branches (project_id, name, allow_force_push, created_at, updated_at) " \
                        "VALUES ($1, $2, $3, now(), now()) RETURNING id", project.id, name, force)
    { "push" => push, "merge" => merge }.each do |kind, level|
      database.query("INSERT INTO protected_branch_#{kind}_access_levels (protected_branch_id, access_level, created_at, updated_at) " \
                     "VALUES ($1, $2, now(), now())", id, level)
    end
  end

  def cache_key(project) = "cache:gitlab:protected_branch:project:#{project.id}"

  # A hubferry that executes the stages, whose jobs of protected branches go to a queue of their own.
  def start_hubferry(*queues)
    config = GitlabConfig.new(Dir.mktmpdir("routed", scenario.services.folder), scenario.services, storage: scenario.config.storage,
                                                                                                 routing_rules: RULES)
    HubferryProcess.new(scenario.services, queues: [ImportScenario::QUEUE, *queues], config: config,
                                           arguments: ["--average-scheduled-poll-interval", "0.2"])
  end

  def start_ruby
    RubyWorker.new(scenario.services, queues: [OBJECTS], concurrency: 2, boot: "import_workers.rb",
                                      environment: { "ROUTING_RULES" => JSON.generate(RULES), "GITLAB_STORAGE" => scenario.config.storage })
  end

  def finish(project, *processes)
    status = database.wait_for_import(project, timeout: 120, details: -> { processes.map { |process| process.tail(5) } }) do
      scenario.sidekiq.make_due
      _(scenario.sidekiq.retries.map { |entry| entry.job.values_at("class", "error_class", "error_message") }).must_be_empty
    end
    _(status).must_equal "finished"
    processes.each(&:term)
  end

  # What an import leaves of protected branches.
  def outcome(project)
    { rules: rules(project), refused: refused(project), counters: counters(project), cached: cached(project),
      resolved: database.value("SELECT only_allow_merge_if_all_discussions_are_resolved FROM projects WHERE id = $1", project.id) }
  end

  def rules(project)
    levels = %w[push merge].map do |kind|
      "(SELECT string_agg(concat_ws(' ', access_level, user_id, group_id, protected_branch_project_id = $1), ', ') " \
        "FROM protected_branch_#{kind}_access_levels WHERE protected_branch_id = branch.id)"
    end
    database.query("SELECT name, #{levels.join(" || ' / ' || ")}, allow_force_push, code_owner_approval_required, namespace_id " \
                   "FROM protected_branches branch WHERE project_id = $1 ORDER BY name", project.id).map(&:values)
  end

  def refused(project)
    database.import_failures(project).map { |row| row.values_at("source", "exception_class", "exception_message", "external_identifiers") }
  end

  def counters(project)
    checksums = JSON.parse(database.import_state(project)["checksums"])
    %w[fetched imported].map { |operation| checksums[operation]["protected_branch"] }
  end

  def cached(project) = scenario.sidekiq.redis { |redis| redis.exists(cache_key(project)) }

  def requests = scenario.github.requests.map { |request| request["path"] }.grep(%r{/branches})

  it "follow the strictest rule of GitHub and GitLab" do
    project = schedule("hubferry")
    finish(project, start_hubferry(OBJECTS))
    found = outcome(project)

    _(found[:rules].map { |name, levels, force,| [name, levels.scan(/(\d+) t/).join(" "), force] }).must_equal [
      ["docs", "40 40", "f"], ["fix-*", "0 10", "t"], ["fix-1", "0 30", "t"], ["fix-2", "0 30", "f"], ["hot", "40 40", "f"],
      ["main", "30 40", "f"], ["rel/*", "30 0", "f"], ["rel/1", "0 0", "f"], ["rel/2", "30 0", "f"]
    ]
    _(found[:refused]).must_equal [["Gitlab::GithubImport::Importer::ProtectedBranchImporter", "ActiveRecord::RecordInvalid",
                                     "Validation failed: Name has already been taken", '{"id": "hot", "object_type": "protected_branch"}']]
    _(found.values_at(:counters, :resolved)).must_equal [[7, 6], "t"]
    _(found[:cached]).must_equal 0
    _(requests.grep_v(/protection/).size).must_equal 1
    _(requests.grep(/protection/).size).must_equal 7
  end

  it "are the same whoever executes the jobs" do
    by_hubferry = schedule("hubferry")
    finish(by_hubferry, start_hubferry(OBJECTS))
    by_ruby = schedule("ruby")
    finish(by_ruby, start_hubferry, start_ruby)

    _(outcome(by_ruby)).must_equal outcome(by_hubferry)
    _(ImportScenario.difference(scenario.outcome(by_hubferry), scenario.outcome(by_ruby))).must_equal ""
  end
end
