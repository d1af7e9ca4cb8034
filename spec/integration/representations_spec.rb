# frozen_string_literal: true

# The jobs of objects on the wire: what hubferry schedules, Ruby can execute, and both may take jobs of one import as they come.
# Ruby's importers are those of spec/ruby/import/; what must be in the database comes from GitHub's data alone.

require_relative "../support/harness"
require_relative "../support/big_import"

describe "jobs of objects" do
  OBJECT_CLASSES = %w[Gitlab::GithubImport::ImportIssueWorker Gitlab::GithubImport::ImportIssueEventWorker].freeze
  OBJECTS = "objects"
  RULES = [["worker_name=#{OBJECT_CLASSES.join(",")}", OBJECTS], *GitlabSidekiq::Router::DEFAULT_RULES].freeze

  let(:big) { BigImport.new(shared_services, BigImport.objects(issues: 40, users: 30)) }
  let(:scenario) { big.scenario }
  let(:checked) { Hash.new(0) }

  # A hubferry that executes the stages, whose jobs of objects go to a queue of their own.
  def start_hubferry(*queues, **options)
    config = GitlabConfig.new(Dir.mktmpdir("routed", scenario.services.folder), scenario.services, storage: scenario.config.storage,
                                                                                                 routing_rules: RULES)
    HubferryProcess.new(scenario.services, queues: queues, config: config, arguments: ["--average-scheduled-poll-interval", "0.2"], **options)
  end

  def start_ruby
    RubyWorker.new(scenario.services, queues: [OBJECTS], concurrency: 2, boot: "import_workers.rb",
                                      environment: { "ROUTING_RULES" => JSON.generate(RULES) })
  end

  # Those that wait now must be what Ruby itself would write, byte by byte.
  def check_texts
    scenario.sidekiq.redis { |redis| redis.lrange("queue:#{OBJECTS}", 0, 9) }.each do |text|
      job = JSON.parse(text)
      _(JSON.generate(job)).must_equal text
      checked[job["class"]] += 1
    end
  end

  def executed_by(hubferry) = hubferry.log.count { |line| OBJECT_CLASSES.include?(line["class"]) && line["job_status"] == "done" }
  def executed = big.expected.counters.fetch("imported").values_at("issue", "issue_event", "note").sum + big.expected.tables.fetch("import_failures").size

  def finish(hubferry, ruby)
    status = scenario.database.wait_for_import(big.project, timeout: 240, details: -> { hubferry.tail(5) }) do
      scenario.sidekiq.make_due
      check_texts
      _(scenario.sidekiq.retries.map(&:job)).must_be_empty ruby.tail(5)
    end
    _(status).must_equal "finished"
    _(big.difference).must_be_empty
  end

  before do
    big.schedule
    big.know_people
  end

  it "can all be executed by Ruby" do
    ruby = start_ruby
    hubferry = start_hubferry(ImportScenario::QUEUE)
    finish(hubferry, ruby)
    _(executed_by(hubferry)).must_equal 0
    _(checked.keys.sort).must_equal OBJECT_CLASSES.sort
  end

  it "can be executed by either side as they come" do
    ruby = start_ruby
    hubferry = start_hubferry(ImportScenario::QUEUE, OBJECTS, concurrency: 1)
    finish(hubferry, ruby)
    _(executed_by(hubferry)).must_be :>, 0
    _(executed_by(hubferry)).must_be :<, executed
  end
end
