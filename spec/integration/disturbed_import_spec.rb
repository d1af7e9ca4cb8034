# frozen_string_literal: true

# Two processes import a project with many people, pull requests, comments, events and files while one of them is killed again and again and
# Redis, PostgreSQL and GitHub fail: nothing is there twice and nothing is missing. script/scale --disturbed does the same at full size.

require_relative "../support/harness"
require_relative "../support/big_import"
require_relative "../support/disturbed_import"

describe "a big import that is disturbed" do
  OBJECTS = { issues: 100, pulls: 60, reviews: 2, review_comments: 4, users: 80, attachments: 60, lfs: 10 }.freeze
  SEED = Integer(ENV.fetch("SEED", Random.new_seed % 100_000))

  let(:big) { BigImport.new(start_services(appendonly: true), BigImport.objects(**OBJECTS)) }
  let(:scenario) { big.scenario }

  def import_undisturbed
    hubferry = scenario.start_hubferry
    project = big.schedule("undisturbed")
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail(5) })).must_equal "finished"
    hubferry.term
    scenario.outcome(project)
  end

  it "ends in the same rows" do
    undisturbed = import_undisturbed
    project = big.schedule("disturbed")
    disturbed = DisturbedImport.new(scenario, seed: SEED)
    disturbed.run(project)
    # The first is certain. How many more there are is up to the machine.
    _(disturbed.kills).must_be :>, 0

    _(big.difference).must_be_empty
    _(ImportScenario.difference(undisturbed, scenario.outcome(project))).must_equal "", "seed #{SEED}"
    _(scenario.sidekiq.interrupted).must_be_empty
    _(scenario.sidekiq.dead).must_be_empty
    _(scenario.sidekiq.working).must_be_empty
  end
end
