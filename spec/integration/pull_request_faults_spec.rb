# frozen_string_literal: true

# Jobs of pull requests while everything around them fails. They wait in a queue of their own until the fault is prepared; afterwards
# the rows, the branches and the counters must be those of an undisturbed import.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "jobs of pull requests under faults" do
  WORKER = "Gitlab::GithubImport::ImportPullRequestWorker"
  QUEUE = "pulls"
  RULES = [["worker_name=#{WORKER}", QUEUE], *GitlabSidekiq::Router::DEFAULT_RULES].freeze
  # Of forks, stacked on each other, open and merged.
  OBJECTS = ImportScenario::OBJECTS.merge(labels: 2, issues: 2, pulls: 80, reviews: 2, review_comments: 2, seed: 31).freeze
  UNDISTURBED = {}
  KILLS = Integer(ENV.fetch("KILLS", 6))

  let(:scenario) { ImportScenario.new(start_services(appendonly: true), objects: OBJECTS) }
  let(:config) do
    GitlabConfig.new(Dir.mktmpdir("routed", scenario.services.folder), scenario.services, storage: scenario.config.storage, routing_rules: RULES)
  end

  def start_hubferry(*queues, **options)
    HubferryProcess.new(scenario.services, queues: queues, config: config,
                                           arguments: ["--average-scheduled-poll-interval", "0.2", "--cleanup-lease-interval", "1"], **options)
  end

  # An import all of whose pull requests wait for their worker. Whoever executes the stages goes on meanwhile.
  def import_up_to_pull_requests
    project = scenario.schedule_import("disturbed")
    @stages = start_hubferry(ImportScenario::QUEUE)
    wait_until(what: "the jobs of all pull requests", details: -> { @stages.tail(5) }) do
      scenario.sidekiq.make_due
      scenario.sidekiq.queue_size(QUEUE) == OBJECTS[:pulls]
    end
    project
  end

  # One for all tests, as generated repositories are the same.
  def undisturbed
    UNDISTURBED[:outcome] ||= ImportScenario.new(start_services, objects: OBJECTS).then { |other| other.outcome(other.import("disturbed")) }
  end

  def finish(project, *processes)
    details = -> { [scenario.sidekiq.everywhere, *processes.map { |process| process.tail(5) }] }
    status = scenario.database.wait_for_import(project, details: details) do
      scenario.sidekiq.make_due
      _(scenario.sidekiq.interrupted).must_be_empty
    end
    _(status).must_equal "finished"
    _(scenario.sidekiq.dead).must_be_empty
    # Another scenario has another Redis, which the client goes over to.
    outcome = scenario.outcome(project)
    _(ImportScenario.difference(undisturbed, outcome)).must_equal ""
  end

  def wait_for_failures(hubferry, exception)
    wait_until(what: "failed jobs", details: -> { hubferry.tail(5) }) do
      scenario.sidekiq.retries.any? { |entry| entry.job["error_class"] == exception }
    end
    jobs = scenario.sidekiq.everywhere.select { |job| job["class"] == WORKER }
    _(jobs.map { |job| job["jid"] }.uniq.size).must_equal OBJECTS[:pulls]
  end

  it "survive SIGKILL at any moment" do
    seed = Integer(ENV.fetch("SEED", Random.new_seed % 100_000))
    random = Random.new(seed)
    project = import_up_to_pull_requests
    KILLS.times do
      # A job that was interrupted three times is quarantined, as in GitLab.
      next if scenario.sidekiq.endangered?

      victim = start_hubferry(QUEUE, concurrency: 3)
      sleep random.rand(0.6)
      victim.kill
      scenario.sidekiq.forget_process(victim.pid)
    end
    finish(project, @stages, start_hubferry(QUEUE))
  end

  it "end in one merge request each when two processes execute every one of them at the same time" do
    project = import_up_to_pull_requests
    scenario.sidekiq.redis { |redis| redis.lpush("queue:#{QUEUE}", redis.lrange("queue:#{QUEUE}", 0, -1)) }
    processes = Array.new(2) { start_hubferry(QUEUE, concurrency: 10) }
    finish(project, @stages, *processes)
    processes.each { |process| _(process.text).wont_match(/deadlock detected/) }
    _(scenario.database.import_failures(project)).must_be_empty
  end

  it "survive restarts of PostgreSQL" do
    project = import_up_to_pull_requests
    hubferry = start_hubferry(QUEUE, concurrency: 3)
    2.times do
      scenario.services.postgres.restart
      sleep 0.3
    end
    finish(project, @stages, hubferry)
  end

  it "wait for a storage that is not mounted" do
    project = import_up_to_pull_requests
    away = "#{scenario.config.storage}.away"
    File.rename(scenario.config.storage, away)
    hubferry = start_hubferry(QUEUE)
    wait_for_failures(hubferry, "Gitlab::Git::Repository::NoRepository")
    File.rename(away, scenario.config.storage)
    finish(project, @stages, hubferry)
  end

  it "wait for a damaged repository to be repaired" do
    project = import_up_to_pull_requests
    pack, = Dir[File.join(scenario.repository_path(project), "objects/pack/*.pack")]
    bytes = File.binread(pack)
    File.chmod(0o600, pack)
    File.binwrite(pack, "\0" * bytes.bytesize)
    hubferry = start_hubferry(QUEUE)
    wait_for_failures(hubferry, "Gitlab::Git::CommandError")
    File.binwrite(pack, bytes)
    finish(project, @stages, hubferry)
  end
end
