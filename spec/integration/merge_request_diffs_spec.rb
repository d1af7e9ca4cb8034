# frozen_string_literal: true

# The diffs of merge requests over a nasty history: every row must be what git's command line and GitLab's rules say.
#
# HUBFERRY_PULLS=2000 adds that many pull requests of random changes, HUBFERRY_SEED=7 other ones.

require_relative "../support/harness"
require_relative "../support/expected_diff"
require_relative "../support/expected_diff/actual"
require_relative "../support/expected_diff/comparison"
require_relative "../support/git_history"
require_relative "../support/import_scenario"

describe "the diffs of merge requests" do
  WORKER = "Gitlab::GithubImport::ImportPullRequestWorker"
  WAITER = "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"
  RANDOM_PULLS = Integer(ENV.fetch("HUBFERRY_PULLS", "40"))
  SEED = Integer(ENV.fetch("HUBFERRY_SEED", "1"))
  DIFFERENCES_SHOWN = 30

  let(:scenario) { ImportScenario.new(shared_services, objects: { labels: 1, branches: 1, users: 1 }) }
  let(:database) { scenario.database }

  # A started import, whose repository is the history.
  def started_import
    database.create_group("diffs")
    project = database.create_import("diffs", import_source: "octo/demo", import_url: scenario.github.import_url("octo/demo"), namespace: "diffs")
    database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", project.id)
    project
  end

  # As section "pull request" of the API becomes the argument of a job; closed ones need no branch.
  def representation(pull)
    time = "2024-01-02 03:04:05 UTC"
    { "iid" => pull.number, "title" => pull.kind, "description" => nil, "source_branch" => "branch-#{pull.number}", "target_branch" => "main",
      "source_branch_sha" => pull.head, "target_branch_sha" => pull.base, "source_repository_id" => 800, "target_repository_id" => 800,
      "source_repository_owner" => "octo", "state" => "closed", "milestone_number" => nil, "author" => nil, "assignee" => nil,
      "created_at" => time, "updated_at" => time, "merged_at" => nil, "merged_by" => nil }
  end

  # Until every job has ended or failed. Returns the failures.
  def work_off(jobs)
    jobs.each { |arguments| scenario.sidekiq.push(WORKER, arguments, queue: ImportScenario::QUEUE) }
    hubferry = scenario.start_hubferry
    wait_until(timeout: 120 + jobs.size / 5, every: 0.5, what: "the end of all jobs", details: -> { hubferry.tail(5) }) do
      failed = failed_jobs
      scenario.sidekiq.everywhere.count { |job| job["class"] == WORKER } == failed.size && [failed]
    end.first
  end

  def failed_jobs
    scenario.sidekiq.retries.map(&:job).select { |job| job["class"] == WORKER }.map do |job|
      "#{job["args"][1].values_at("iid", "title").join(", ")}: #{job["error_class"]}: #{job["error_message"]}"
    end
  end

  def differences(history, expected, actual)
    history.pulls.filter_map do |pull|
      difference = ExpectedDiff::Comparison.difference(expected.rows(pull.base, pull.head), actual.rows(pull.number))
      "#{pull.number}, #{pull.kind}: #{difference}" if difference
    end
  end

  it "are what git and GitLab's rules say" do
    project = started_import
    repository = scenario.repository_path(project)
    FileUtils.mkdir_p(File.dirname(repository))
    history = GitHistory.generate(repository, random: RANDOM_PULLS, seed: SEED)
    expected = ExpectedDiff.new(repository).prepare(history.pulls.map { |pull| [pull.base, pull.head] })

    failed = work_off(history.pulls.map { |pull| [project.id, representation(pull), WAITER] })
    found = failed + differences(history, expected, ExpectedDiff::Actual.new(database, project))
    _(found.size).must_equal 0, found.first(DIFFERENCES_SHOWN).join("\n")
    _(database.value("SELECT count(*) FROM merge_request_diffs WHERE project_id = $1", project.id)).must_equal history.pulls.size.to_s
    _(database.import_failures(project)).must_be_empty
    _(scenario.sidekiq.redis { |redis| redis.llen(WAITER) }).must_equal history.pulls.size
  end
end
