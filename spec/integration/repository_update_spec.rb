# frozen_string_literal: true

# Pull requests that are newer than the mirror: the repository is fetched again while they are listed, and the branches that the
# import has made itself stay.

require_relative "../support/harness"
require_relative "../support/import_scenario"
require_relative "../support/pull_branches"

describe "pull requests newer than the mirror" do
  PULLS = 49
  LATE = 2

  let(:services) { shared_services }

  # The late commits get into GitHub's repository when the mirror is there; a rate limit holds the import up meanwhile.
  def import(scenario, **options)
    scenario.github.fault("match" => "/repos/#{ImportScenario::REPOSITORY}/labels", "rate_limit" => "secondary", "retry_after" => 1)
    project = scenario.schedule_import
    hubferry = scenario.start_hubferry(**options)
    wait_until(timeout: 60, what: "the stage after the mirror", details: -> { hubferry.tail }) do
      requested?(scenario, "/labels")
    end
    scenario.github.publish(ImportScenario::REPOSITORY)
    scenario.github.clear_faults
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
    [project, hubferry]
  end

  def requested?(scenario, path) = scenario.github.requests.any? { |request| request["path"].end_with?(path) }

  # Objects of its own, as publishing changes the git data for good.
  def scenario_with(seed, **options)
    objects = ImportScenario::OBJECTS.merge(labels: 2, issues: 1, pulls: PULLS, late: LATE, seed: seed)
    ImportScenario.new(services, objects: objects, **options)
  end

  def assert_late_diffs(scenario, project)
    late = PullBranches.pulls(scenario).last(LATE)
    heads = scenario.database.query("SELECT d.head_commit_sha FROM merge_requests m JOIN merge_request_diffs d ON d.id = m.latest_merge_request_diff_id " \
                                    "WHERE m.target_project_id = $1 AND d.files_count > 0 ORDER BY m.iid", project.id).map { |row| row["head_commit_sha"] }
    _(heads.last(LATE)).must_equal(late.map { |pull| pull["head"]["sha"] })
  end

  def assert_updated_once(hubferry)
    updates = hubferry.log.select { |line| line["message"] == "GitHub importer finished updating repository" }
    _(updates.size).must_equal 1
  end

  it "get their commits, in mounted storage" do
    scenario = scenario_with(71)
    project, hubferry = import(scenario)
    assert_late_diffs(scenario, project)
    assert_updated_once(hubferry)
    branches = scenario.refs(project).lines
    _(PullBranches.of_forks(scenario)).wont_be_empty
    _(PullBranches.of_forks(scenario) - branches).must_equal []
    _(branches.grep(%r{ refs/merge-requests/\d+/head$}).size).must_equal PULLS
  end

  it "get their commits from another worker when the first is killed while it fetches" do
    scenario = scenario_with(73)
    scenario.github.fault("match" => "/repos/#{ImportScenario::REPOSITORY}/labels", "rate_limit" => "secondary", "retry_after" => 1)
    project = scenario.schedule_import
    victim = scenario.start_hubferry
    wait_until(timeout: 60, what: "the stage after the mirror", details: -> { victim.tail }) { requested?(scenario, "/labels") }
    scenario.github.publish(ImportScenario::REPOSITORY)
    scenario.github.reset
    scenario.github.fault("match" => "*git-upload-pack", "hang" => 60, "times" => 1)
    wait_until(timeout: 60, what: "another fetch", details: -> { victim.tail }) { scenario.github.faults.first["hits"] == 1 }
    victim.kill
    scenario.sidekiq.forget_process(victim.pid)

    hubferry = scenario.start_hubferry
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
    assert_late_diffs(scenario, project)
    assert_updated_once(hubferry)
  end

  it "get their commits, over HTTP" do
    push_root, work_directory = Dir.mktmpdir("pushed", services.folder), Dir.mktmpdir("work", services.folder)
    scenario = scenario_with(72, github_arguments: ["--push-root", push_root, "--push-create", "--push-credentials", "oauth2:glpat"])
    project, hubferry = import(scenario, arguments: ["--repository-backend", "http", "--git-push-url", "#{scenario.github.url}/gitlab", "--git-work-directory", work_directory],
                                         environment: { "HUBFERRY_GIT_PUSH_TOKEN" => "glpat" })
    assert_late_diffs(scenario, project)
    assert_updated_once(hubferry)
    pushed = scenario.git(File.join(push_root, "#{project.full_path}.git"), "for-each-ref", "--format=%(objectname) %(refname)").lines
    _(PullBranches.of_forks(scenario) - pushed).must_equal []
  end
end
