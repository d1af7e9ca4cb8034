# frozen_string_literal: true

# SIGKILL at any moment: the import still finishes, and its outcome is that of an undisturbed one.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "an import whose worker is killed again and again" do
  KILLS = Integer(ENV.fetch("KILLS", 30))
  # A job that was interrupted three times is quarantined, as in GitLab; two kills an import stay below that.
  KILLS_PER_IMPORT = 2

  let(:scenario) { ImportScenario.new(shared_services) }

  # The outcome, and the seconds from the start of a ready worker to the end of the import.
  def import_undisturbed
    project = scenario.schedule_import("undisturbed")
    hubferry = scenario.start_hubferry
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
    duration = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
    hubferry.term
    [scenario.outcome(project), duration]
  end

  def kill_after(seconds)
    hubferry = scenario.start_hubferry
    sleep seconds
    hubferry.kill
    scenario.sidekiq.forget_process(hubferry.pid)
  end

  def import_with_kills(path, random, duration)
    project = scenario.schedule_import(path)
    KILLS_PER_IMPORT.times { kill_after(random.rand * duration) }
    hubferry = scenario.start_hubferry
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished", path
    hubferry.term
    project
  end

  it "ends in the same rows, refs and counters" do
    seed = Integer(ENV.fetch("SEED", Random.new_seed % 100_000))
    random = Random.new(seed)
    expected, duration = import_undisturbed

    (KILLS / KILLS_PER_IMPORT).times do |round|
      project = import_with_kills("killed-#{round}", random, duration)
      _(ImportScenario.difference(expected, scenario.outcome(project))).must_equal "", "seed #{seed}, round #{round}"
      _(scenario.sidekiq.interrupted).must_be_empty
      _(scenario.sidekiq.working).must_be_empty
    end
  end
end
