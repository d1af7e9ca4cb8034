# frozen_string_literal: true

# Ruby and hubferry execute jobs of one import, each taking over from the other.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "an import shared with Ruby" do
  ADVANCE = "Gitlab::GithubImport::AdvanceStageWorker"
  REFRESH = "Gitlab::Import::RefreshImportJidWorker"

  let(:scenario) { ImportScenario.new(shared_services) }

  # Stages go to hubferry, AdvanceStage and all that Ruby performs to Ruby: each stage is handed over and back.
  def rules(advance_queue)
    [["worker_name=#{ADVANCE},#{REFRESH}", advance_queue],
     ["queue_namespace=github_importer|worker_name=RepositoryImportWorker", "github_importer"], ["*", "default"]]
  end

  def start(advance_queue, hubferry_queues, ruby_queues)
    routing = rules(advance_queue)
    config = GitlabConfig.new(Dir.mktmpdir("routed", scenario.services.folder), scenario.services,
                              storage: scenario.config.storage, routing_rules: routing)
    hubferry = HubferryProcess.new(scenario.services, queues: hubferry_queues, config: config,
                                                      arguments: ["--average-scheduled-poll-interval", "1"])
    ruby = RubyWorker.new(scenario.services, queues: ruby_queues, environment: { "ROUTING_RULES" => JSON.generate(routing) })
    [hubferry, ruby]
  end

  def finish(project, hubferry)
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
    _(scenario.sidekiq.dead).must_be_empty
    _(scenario.sidekiq.retries).must_be_empty
    scenario.outcome(project)
  end

  it "ends as an import by hubferry alone, when Ruby advances the stages" do
    expected = scenario.outcome(scenario.import("alone"))
    hubferry, = start("advance", ["github_importer"], %w[advance default])
    project = scenario.schedule_import("shared")

    _(ImportScenario.difference(expected, finish(project, hubferry))).must_equal ""
    _(hubferry.log.none? { |line| line["class"] == ADVANCE && line["job_status"] == "done" }).must_equal true
    performed = -> { scenario.sidekiq.performed("Projects::AfterImportWorker") }
    wait_until(what: "AfterImportWorker in Ruby") { performed.call.include?([project.id]) }
  end

  it "ends the same when both take AdvanceStage and RefreshImportJid from one queue" do
    expected = scenario.outcome(scenario.import("alone"))
    hubferry, ruby = start("shared", %w[github_importer shared], %w[shared default])
    projects = Array.new(6) { |number| scenario.schedule_import("shared-#{number}") }
    projects.each { |project| _(ImportScenario.difference(expected, finish(project, hubferry))).must_equal "" }

    # Also the jobs that keep the imports alive: what one side scheduled, the other may execute.
    scenario.sidekiq.make_due
    wait_until(timeout: 60, what: "the refresh jobs") { scenario.sidekiq.scheduled.empty? && scenario.sidekiq.queue_size("shared").zero? }
    _(scenario.sidekiq.retries).must_be_empty
    _([hubferry.running?, ruby.running?]).must_equal [true, true]
  end

  it "continues with hubferry where Ruby's worker left a waiter half counted, and the other way round" do
    project = scenario.schedule_import("waiting")
    scenario.database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", project.id)
    scenario.sidekiq.redis { |redis| redis.del("queue:github_importer") }
    waiter = "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"
    scenario.sidekiq.redis { |redis| redis.lpush(waiter, %w[one two]) }
    # Ruby has counted one of three jobs already: two are left, and their ids are on the list.
    scenario.sidekiq.push(ADVANCE, [project.id, { waiter => 2 }, "lfs_objects", Time.now.utc.to_s, 2], queue: "github_importer")
    hubferry = scenario.start_hubferry
    hubferry.wait_for_log("the stage after the waiter") { |line| line["class"]&.end_with?("ImportLfsObjectsWorker") }

    _(scenario.sidekiq.redis { |redis| redis.exists?(waiter) }).must_equal false
    _(finish(project, hubferry)).wont_be_empty
  end
end
