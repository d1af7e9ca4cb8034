# frozen_string_literal: true

# An import of everything by one hubferry, and the same import by two on the same queue, of which one is restarted again and again: it
# ends in turn by TERM and by KILL. Whoever of them gets a job, the outcome is the same.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "an import by two processes" do
  OBJECTS = { labels: 12, milestones: 5, releases: 12, issues: 40, pulls: 30, comments: 4, events: 6, reviews: 2, review_comments: 3,
              collaborators: 6, branches: 8, users: 30, attachments: 48, lfs: 12, seed: 5 }.freeze
  PAUSE = 0.3..1.0
  # Before these stages are done an interruption hits jobs that may be interrupted three times only, as in GitLab.
  UNDISTURBED = "Gitlab::GithubImport::Stage::ImportBaseDataWorker"
  SEED = Integer(ENV.fetch("SEED", Random.new_seed % 100_000))

  def new_scenario(*github_arguments) = ImportScenario.new(shared_services, objects: OBJECTS, github_arguments: github_arguments)
  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def import_alone(scenario)
    hubferry = scenario.start_hubferry
    project = scenario.schedule_import(data: ImportScenario::WITH_ATTACHMENTS)
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
    _(hubferry.term.success?).must_equal true
    assert_everything_is_there(scenario, project)
    scenario.outcome(project)
  end

  # Otherwise two imports of nothing would be equal.
  def assert_everything_is_there(scenario, project)
    counters = JSON.parse(scenario.database.import_state(project)["checksums"])
    types = %w[issue pull_request note diff_note issue_event pull_request_review collaborator release protected_branch issue_attachment note_attachment
               merge_request_attachment release_attachment lfs_object]
    _(types.reject { |type| counters.dig("imported", type).to_i.positive? }).must_be_empty
    _(counters["imported"]).must_equal counters["fetched"]
    _(scenario.files(project).lines.size).must_equal OBJECTS[:attachments] + OBJECTS[:lfs]
  end

  def stage_finished?(worker, stage) = worker.log.any? { |line| line["message"] == "stage finished" && line["import_stage"] == stage }

  def wait_for_base_data(scenario, workers)
    wait_until(every: 0.1, what: "the base data", details: -> { workers.map(&:tail) }) do
      scenario.sidekiq.make_due
      workers.any? { |worker| stage_finished?(worker, UNDISTURBED) }
    end
  end

  def restart(scenario, worker, signal)
    signal == :TERM ? worker.term : worker.kill
    scenario.sidekiq.forget_process(worker.pid) if signal == :KILL
    scenario.start_hubferry
  end

  # Returns how often the second process was restarted.
  def restart_until_completed(scenario, project, random)
    workers = Array.new(2) { scenario.start_hubferry }
    wait_for_base_data(scenario, workers)
    restarts = 0
    due = now
    status = scenario.database.wait_for_import(project, details: -> { workers.map(&:tail).join }) do
      scenario.sidekiq.make_due
      next if now < due || scenario.sidekiq.endangered?

      workers[1] = restart(scenario, workers[1], restarts.even? ? :KILL : :TERM)
      restarts += 1
      due = now + random.rand(PAUSE)
    end
    _(status).must_equal "finished"
    workers.each(&:term)
    restarts
  end

  # GitHub keeps its port, which GitLab's search knows of.
  it "ends as the import by one process does" do
    scenario = new_scenario
    alone = import_alone(scenario)
    scenario.github.kill
    scenario = new_scenario("--port", scenario.github.port.to_s)
    project = scenario.schedule_import(data: ImportScenario::WITH_ATTACHMENTS)
    # The first is certain. How many more there are is up to the machine.
    _(restart_until_completed(scenario, project, Random.new(SEED))).must_be :>, 0
    _(ImportScenario.difference(alone, scenario.outcome(project))).must_equal "", "seed #{SEED}"
    [scenario.sidekiq.interrupted, scenario.sidekiq.dead, scenario.sidekiq.working].each { |jobs| _(jobs).must_be_empty }
  end
end
