# frozen_string_literal: true

require_relative "../support/harness"

# The scenarios of GitLab's own fetcher tests (vendor/gems/sidekiq-reliable-fetch/tests): processes are killed at any moment, and no
# job is lost; a job that always kills its process ends in the interrupted set. Instead of waiting for a dead process's
# heartbeat to expire, the specs remove it.
describe "killed processes" do
  let(:services) { shared_services }
  let(:sidekiq) { SidekiqSide.new(services.redis) }
  let(:recovery) { ["--cleanup-interval", "1", "--cleanup-lease-interval", "1"] }

  def start_hubferry(**options)
    HubferryProcess.new(services, queues: ["work"], program: :spec_worker, arguments: recovery, timeout: 1, **options)
  end

  # Reliable: the semi-reliable fetch loses what it has in its hands when it is killed. And of the clean-ups, which move jobs one by
  # one through their process's hands, it does only the one at its start.
  def start_ruby = RubyWorker.new(services, queues: ["work"], timeout: 1, semi_reliable: false)

  def kill(process)
    process.kill
    sidekiq.forget_process(process.pid)
  end

  def effects(jobs) = sidekiq.redis { |redis| redis.mget((0...jobs).map { |number| "effect:#{number}" }) }.map(&:to_i)

  # Jobs that were running or fetched when their process was killed may run twice; no others, and none may be missing.
  def churn(starters, jobs:, kills:, class_name: "Spec::CounterWorker", before: [])
    sidekiq.push_bulk(class_name, Array.new(jobs) { |number| [*before, "effect:#{number}"] }, queue: "work")
    processes = starters.map(&:call)
    kills.times do |round|
      waiting = sidekiq.queue_size("work")
      wait_until(what: "progress") { sidekiq.queue_size("work") <= [waiting - jobs / (kills + 1), 0].max }
      victim = round % processes.size
      kill(processes[victim])
      processes[victim] = starters[victim].call
    end
    wait_until(what: "no job left", details: -> { "#{sidekiq.everywhere.first(3)}\n#{processes.first.tail(5)}" }) do
      retry_interrupted
      sidekiq.empty? && effects(jobs).min == 1
    end
    _(effects(jobs).max).must_be :<=, 1 + kills
  end

  def batches = sidekiq.redis { |redis| redis.lrange("spec:batches", 0, -1) }.map(&:to_i)

  # Jobs that were in the hands of three killed processes; an operator would retry them so.
  def retry_interrupted
    sidekiq.interrupted.each do |entry|
      sidekiq.redis do |redis|
        redis.zrem("interrupted", entry.text)
        redis.lpush("queue:work", JSON.generate(entry.job.except("interrupted_count")))
      end
    end
  end

  # Killed by itself or stopped again and again; the specs start the process anew, as an operator's supervisor does.
  def run_until_interrupted(class_name)
    jid = sidekiq.push(class_name, ["runs"], queue: "work")
    wait_until(what: "the interrupted set") do
      process = start_hubferry(ready: false)
      process.wait
      sidekiq.forget_process(process.pid)
      recover if class_name == "Spec::SelfKillWorker"
      sidekiq.interrupted.any?
    end
    _(sidekiq.interrupted.map { |entry| entry.job["jid"] }).must_equal [jid]
    _(sidekiq.redis { |redis| redis.get("runs") }).must_equal "3"
    _(sidekiq.everywhere.size).must_equal 1
  end

  # A process that listens to another queue and only recovers.
  def recover
    process = HubferryProcess.new(services, queues: ["idle"], program: :spec_worker, arguments: recovery)
    wait_until(what: "the recovery") { sidekiq.working.empty? }
    process.term
  end

  it "loses no job of hubferry processes that are killed again and again" do
    churn([method(:start_hubferry), method(:start_hubferry)], jobs: 600, kills: 6)
  end

  it "loses no job of hubferry and Ruby processes that are killed again and again" do
    churn([method(:start_hubferry), method(:start_ruby)], jobs: 400, kills: 4)
  end

  it "loses no job of processes that are killed while they perform many together" do
    churn([method(:start_hubferry), method(:start_hubferry)], jobs: 3000, kills: 6, class_name: "Spec::ProjectCounterWorker", before: [7])
    _(batches.max).must_be :>, 1
  end

  it "runs a job that always kills its process three times" do
    run_until_interrupted("Spec::SelfKillWorker")
  end

  it "runs a job that always stops its process and outlasts the timeout three times" do
    run_until_interrupted("Spec::SelfTermWorker")
  end

  it "has its working list recovered by Ruby" do
    process = start_hubferry
    jid = sidekiq.push("Spec::SleepWorker", [300], queue: "work")
    process.wait_for_log("start") { |line| line["job_status"] == "start" }
    kill(process)
    RubyWorker.new(services, queues: ["other"], environment: { "CLEANUP_INTERVAL" => "1", "LEASE_INTERVAL" => "1" })
    wait_until(what: "the recovery") { sidekiq.queue("work").map { |job| job.values_at("jid", "interrupted_count") } == [[jid, 1]] }
    _(sidekiq.working).must_be_empty
  end

  it "recovers Ruby's working list" do
    ruby = start_ruby
    jid = sidekiq.push("Spec::SleepWorker", [300], queue: "work")
    wait_until(what: "the job running") { sidekiq.working.values.flatten.any? }
    kill(ruby)
    process = HubferryProcess.new(services, queues: ["other"], program: :spec_worker, arguments: recovery)
    wait_until(what: "the recovery") { sidekiq.queue("work").map { |job| job.values_at("jid", "interrupted_count") } == [[jid, 1]] }
    _(sidekiq.working).must_be_empty
    process.wait_for_log("the recovery") { |line| line["message"] =~ /dead processes were put back/ }
  end
end
