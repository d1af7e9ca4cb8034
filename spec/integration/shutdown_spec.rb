# frozen_string_literal: true

require_relative "../support/harness"

# Quiet and stop: nothing is lost, nothing that was not started counts as interrupted, and the process ends.
describe "quiet and stop" do
  let(:services) { shared_services }
  let(:sidekiq) { SidekiqSide.new(services.redis) }

  def start(**options) = HubferryProcess.new(services, queues: ["work"], program: :spec_worker, **options)

  def wait_busy(process, jobs = 1)
    wait_until(what: "#{jobs} running jobs") { process.log.count { |line| line["job_status"] == "start" } >= jobs }
  end

  def process_gone?(process) = sidekiq.redis { |redis| redis.smembers("processes") }.none? { |name| name.include?(":#{process.pid}:") }

  # With a long timeout: an idle process does not wait for it.
  it "ends an idle process at once" do
    process = start(timeout: 500)
    _(process.term.exitstatus).must_equal 0
    _(process_gone?(process)).must_equal true
  end

  it "lets running jobs finish" do
    process = start(timeout: 500)
    sidekiq.push("Spec::SleepWorker", [1], queue: "work")
    wait_busy(process)
    _(process.term.exitstatus).must_equal 0
    _(sidekiq.empty?).must_equal true
    _([sidekiq.processed, sidekiq.failed]).must_equal [1, 0]
  end

  it "pushes jobs that outlast the timeout back as interrupted" do
    process = start(timeout: 1)
    jids = Array.new(3) { sidekiq.push("Spec::SleepWorker", [300], queue: "work") }
    wait_busy(process, 3)
    _(process.term.exitstatus).must_equal 0
    _(sidekiq.queue("work").to_h { |job| [job["jid"], job["interrupted_count"]] }).must_equal jids.to_h { |jid| [jid, 1] }
    _(sidekiq.everywhere.size).must_equal 3
    _([sidekiq.processed, sidekiq.failed]).must_equal [3, 3]
    _(process_gone?(process)).must_equal true
  end

  it "ends jobs that look at the stop flag without waiting for the timeout" do
    process = start(timeout: 500)
    sidekiq.push("Spec::SleepWorker", [500, "interruptible"], queue: "work")
    wait_busy(process)
    _(process.term.exitstatus).must_equal 0
    _(sidekiq.queue("work").map { |job| job["interrupted_count"] }).must_equal [1]
    _(process.log.map { |line| line["job_status"] }).must_include "interrupted"
  end

  it "puts a job that is interrupted too often into the interrupted set" do
    process = start(timeout: 1)
    sidekiq.push("Spec::SleepWorker", [300], queue: "work", extra: { "interrupted_count" => 2 })
    wait_busy(process)
    process.term
    _(sidekiq.interrupted.map { |entry| entry.job["interrupted_count"] }).must_equal [3]
    _(sidekiq.everywhere.size).must_equal 1
  end

  it "takes no more jobs when quiet, and finishes the running ones" do
    process = start(concurrency: 1)
    sidekiq.push("Spec::SleepWorker", [1], queue: "work")
    wait_busy(process)
    process.quiet
    wait_until(what: "shown as quiet") { sidekiq.process_of(process.pid)&.[]("quiet") == "true" }
    later = sidekiq.push("Spec::NoopWorker", [], queue: "work")
    process.wait_for_log("the running job's end") { |line| line["job_status"] == "done" }
    wait_until(what: "only the later job left") { sidekiq.everywhere.map { |job| job["jid"] } == [later] }
    _(sidekiq.queue_size("work")).must_equal 1
    _(process.term.exitstatus).must_equal 0
    _(sidekiq.queue("work").map { |job| job["interrupted_count"] }).must_equal [nil]
  end

  it "gives jobs that were fetched ahead back in their order, untouched" do
    sidekiq.push_bulk("Spec::NoopWorker", Array.new(2000) { |number| [number] }, queue: "work")
    process = start(concurrency: 2, environment: { "GITLAB_LOG_LEVEL" => "warn" })
    wait_until(what: "some jobs done") { sidekiq.queue_size("work") < 1900 }
    process.quiet
    process.term
    numbers = sidekiq.queue("work").map { |job| job["args"].first }
    assert(numbers == numbers.sort, "out of order: #{numbers.each_cons(2).find { |a, b| a > b }}")
    _(sidekiq.processed + numbers.size).must_equal 2000
    _(sidekiq.working).must_be_empty
    _(sidekiq.queue("work").map { |job| job["interrupted_count"] }.uniq - [nil]).must_equal []
  end

  it "stops while Redis is away, and the jobs are still there when it is back" do
    own = start_services(appendonly: true)
    side = SidekiqSide.new(own.redis)
    process = HubferryProcess.new(own, queues: ["work"], program: :spec_worker, timeout: 1)
    jid = side.push("Spec::SleepWorker", [300], queue: "work")
    wait_until(what: "the job running") { process.log.any? { |line| line["job_status"] == "start" } }
    own.redis.stop
    _(process.term.exitstatus).must_equal 0
    own.redis.start
    _(side.everywhere.map { |job| job["jid"] }).must_equal [jid]
  end

  it "stops while it waits for Redis at its start" do
    own = start_services
    own.redis.stop
    process = HubferryProcess.new(own, queues: ["work"], program: :spec_worker, ready: false)
    process.wait_for_log("waiting") { |line| line["message"] =~ /trying again/ }
    _(process.term.exitstatus).must_equal 0
  end

  it "says what its executors do when it gets TTIN, and ignores HUP" do
    process = start(timeout: 1)
    jid = sidekiq.push("Spec::SleepWorker", [300], queue: "work")
    wait_busy(process)
    process.signal(:HUP)
    process.signal(:TTIN)
    line = process.wait_for_log("the running job") { |entry| entry["message"] == "running" }
    _(line.values_at("jid", "class", "queue")).must_equal [jid, "Spec::SleepWorker", "work"]
    _(process.running?).must_equal true
  end
end
