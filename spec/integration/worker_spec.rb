# frozen_string_literal: true

require_relative "../support/harness"

# The worker process from outside: what becomes of jobs of every kind, and of the process when Redis goes away.
describe "the worker process" do
  let(:services) { shared_services }
  let(:sidekiq) { SidekiqSide.new(services.redis) }
  let(:arguments) { ["--average-scheduled-poll-interval", "1"] }

  def start(queues: ["work"], **options)
    HubferryProcess.new(services, queues: queues, program: :spec_worker, arguments: arguments, **options)
  end

  def counter(key) = sidekiq.redis { |redis| redis.get(key) }.to_i

  def push_raw(queue, text) = sidekiq.redis { |redis| redis.lpush("queue:#{queue}", text) }

  def wait_empty(what = "no job anywhere") = wait_until(what: what, timeout: 60, details: -> { sidekiq.everywhere.first(3) }) { sidekiq.empty? }

  # Counters reach Redis with the heartbeat, the last ones when the process ends.
  def totals_after(process)
    _(process.term.exitstatus).must_equal 0
    [sidekiq.processed, sidekiq.failed]
  end

  it "performs every job once and counts it" do
    sidekiq.push_bulk("Spec::CounterWorker", [["counter"]] * 3000, queue: "work")
    process = start
    wait_empty
    _(counter("counter")).must_equal 3000
    _(totals_after(process)).must_equal [3000, 0]
    _(sidekiq.processes).must_be_empty
  end

  it "performs jobs of a class and project together, as if each were alone" do
    jobs = Array.new(3000) { |number| [number % 3, "counter"] }
    sidekiq.push_bulk("Spec::ProjectCounterWorker", jobs + Array.new(5) { |number| [number % 3, "counter", "fail"] }, queue: "work")
    process = start
    wait_until(what: "five retries, and nothing else", timeout: 60) { sidekiq.retries.size == 5 && sidekiq.queue_size("work").zero? && sidekiq.working.empty? }
    _(counter("counter")).must_equal 3000
    _(sidekiq.retries.map { |entry| entry.job["args"].last }).must_equal ["fail"] * 5
    _(sidekiq.redis { |redis| redis.lrange("spec:batches", 0, -1) }.map(&:to_i).max).must_be :>, 1
    done = process.log.select { |line| line["job_status"] == "done" }
    _(done.map { |line| line["jid"] }.uniq.size).must_equal 3000
    _(done.map { |line| line["project_id"] }.tally).must_equal({ 0 => 1000, 1 => 1000, 2 => 1000 })
    _(totals_after(process)).must_equal [3005, 5]
  end

  it "writes GitLab's log lines about a job" do
    process = start
    jid = sidekiq.push("Spec::NoopWorker", [42, { "title" => "secret" }], queue: "work")
    start_line = process.wait_for_log("start") { |line| line["job_status"] == "start" && line["jid"] == jid }
    done = process.wait_for_log("done") { |line| line["job_status"] == "done" && line["jid"] == jid }

    _(start_line["message"]).must_equal "Spec::NoopWorker JID-#{jid}: start"
    _(done["message"]).must_match(/\ASpec::NoopWorker JID-#{jid}: done: [\d.]+ sec\z/)
    _(done.values_at("severity", "class", "queue", "project_id", "args", "retry")).must_equal(
      ["INFO", "Spec::NoopWorker", "work", 42, ["42", "[FILTERED]"], 25]
    )
    _(done["correlation_id"]).must_equal start_line["correlation_id"]
    _(done["created_at"]).must_match(/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/)
    %w[duration_s cpu_s scheduling_latency_s job_size_bytes pid].each { |field| _(done[field]).must_be_kind_of Numeric }
    _(process.text).wont_include "secret"
  end

  it "retries a failed job, and puts it in the dead set when the retries are exhausted" do
    process = start
    jid = sidekiq.push("Spec::FailWorker", ["no luck"], queue: "work", extra: { "retry" => 1 })
    wait_until(what: "the retry") { sidekiq.retries.any? }
    job = sidekiq.retries.first.job
    _(job.values_at("jid", "error_class", "error_message", "retry_count")).must_equal [jid, "RuntimeError", "no luck", 0]

    sidekiq.make_due
    wait_until(what: "the death") { sidekiq.dead.any? }
    _(sidekiq.dead.first.job.values_at("jid", "retry_count")).must_equal [jid, 1]
    _(sidekiq.redis { |redis| redis.lrange("spec:exhausted", 0, -1) }).must_equal [jid]
    fail_line = process.wait_for_log("fail") { |line| line["job_status"] == "fail" }
    _(fail_line.values_at("severity", "exception.class", "exception.message")).must_equal ["WARN", "RuntimeError", "no luck"]
    process.wait_for_log("dead") { |line| line["job_status"] == "dead" }
    _(totals_after(process)).must_equal [2, 2]
  end

  it "leaves no trace of a failed job that is not to be retried" do
    process = start
    sidekiq.push("Spec::FailWorker", [], queue: "work", extra: { "retry" => false })
    process.wait_for_log("fail") { |line| line["job_status"] == "fail" }
    wait_empty
    _(totals_after(process)).must_equal [1, 1]
  end

  it "does not keep an exhausted job whose class wants no dead set" do
    process = start
    sidekiq.push("Spec::FailWorker", [], queue: "work", extra: { "retry" => 0, "dead" => false })
    process.wait_for_log("dead") { |line| line["job_status"] == "dead" }
    wait_empty
  end

  it "puts a malformed payload into the dead set without counting it" do
    ["not json", "[]", '{"class":"Spec::NoopWorker"}'].each { |text| push_raw("work", text) }
    process = start
    wait_until(what: "three dead") { sidekiq.redis { |redis| redis.zcard("dead") } == 3 }
    _(sidekiq.redis { |redis| redis.zrange("dead", 0, -1) }).must_include "not json"
    wait_until(what: "the working list to be empty") { sidekiq.working.empty? }
    _(totals_after(process)).must_equal [0, 0]
  end

  it "hands jobs that only Ruby performs or reads over to the fallback queue" do
    process = start
    jid = sidekiq.push("Only::RubyWorker", [1], queue: "work", extra: { "idempotency_key" => "k" })
    handed = sidekiq.push("Spec::HandOverWorker", [2], queue: "work")
    big = '{"class":"Spec::NoopWorker","args":[123456789012345678901234567890],"jid":"big","queue":"work"}'
    push_raw("work", big)
    wait_until(what: "three in the fallback queue") { sidekiq.queue_size("default") == 3 }

    jobs = sidekiq.queue("default").to_h { |job| [job["jid"], job] }
    _(jobs.keys.sort).must_equal [jid, handed, "big"].sort
    _(jobs[jid].values_at("queue", "args", "idempotency_key")).must_equal ["default", [1], "k"]
    _(jobs[handed]["queue"]).must_equal "default"
    _(sidekiq.redis { |redis| redis.sismember("queues", "default") }).must_equal true
    line = process.wait_for_log("unknown class") { |entry| entry["job_fate"] }
    _(line.values_at("severity", "class", "queue")).must_equal ["ERROR", "Only::RubyWorker", "work"]
    wait_until(what: "the working list to be empty") { sidekiq.working.empty? }
    _(totals_after(process)).must_equal [0, 0]
  end

  it "fails or buries jobs of unknown classes if told so" do
    failing = HubferryProcess.new(services, queues: ["a"], program: :spec_worker, arguments: ["--unknown=fail"])
    burying = HubferryProcess.new(services, queues: ["b"], program: :spec_worker, arguments: ["--unknown=dead"])
    sidekiq.push("Only::RubyWorker", [], queue: "a")
    sidekiq.push("Only::RubyWorker", [], queue: "b")
    wait_until(what: "the retry") { sidekiq.retries.any? }
    wait_until(what: "the burial") { sidekiq.dead.any? }
    _(sidekiq.retries.first.job["error_class"]).must_equal "NameError"
    [failing, burying].each(&:term)
  end

  it "deletes the duplicate cookie and the status key, and reads compressed arguments" do
    jid = sidekiq.push("Spec::CounterWorker", ["counter"], queue: "work", extra: { "status_expiration" => 600 })
    _(sidekiq.redis { |redis| redis.exists?("gitlab-sidekiq-status:#{jid}") }).must_equal true
    _(sidekiq.redis { |redis| redis.keys("*:cookie:v2") }.size).must_equal 1
    compressed = [Base64.strict_encode64(Zlib::Deflate.deflate('["counter"]'))]
    sidekiq.push("Spec::CounterWorker", compressed, queue: "work", extra: { "compressed" => true })
    start
    wait_until(what: "both jobs done") { counter("counter") == 2 && sidekiq.empty? }
    _(sidekiq.redis { |redis| redis.keys("*:cookie:v2") + redis.keys("gitlab-sidekiq-status:*") }).must_equal []
  end

  it "fails a job whose compressed arguments are corrupt" do
    start
    sidekiq.push("Spec::NoopWorker", ["no zlib"], queue: "work", extra: { "compressed" => true })
    wait_until(what: "the retry") { sidekiq.retries.any? }
    job = sidekiq.retries.first.job
    _(job["args"]).must_equal ["no zlib"]
    _(job["error_class"]).must_match(/Decompression/)
  end

  it "performs scheduled jobs when they are due, and pushes children with its context" do
    process = start
    sidekiq.push("Spec::PushWorker", ["Spec::CounterWorker", ["counter"], "work"], queue: "work", delay: 1)
    wait_until(what: "the child's effect", timeout: 60) { counter("counter") == 1 }
    parent = process.wait_for_log("parent") { |line| line["class"] == "Spec::PushWorker" && line["job_status"] == "done" }
    child = process.wait_for_log("child") { |line| line["class"] == "Spec::CounterWorker" && line["job_status"] == "done" }
    _(child["correlation_id"]).must_equal parent["correlation_id"]
    _(child["meta.caller_id"]).must_equal "Spec::PushWorker"
  end

  it "loses nothing and repeats nothing that was acknowledged when Redis is restarted" do
    own = start_services(appendonly: true)
    side = SidekiqSide.new(own.redis)
    side.push_bulk("Spec::CounterWorker", [["counter"]] * 4000, queue: "work")
    process = HubferryProcess.new(own, queues: ["work"], program: :spec_worker, concurrency: 5)
    3.times do
      before = side.queue_size("work")
      wait_until(what: "progress") { side.queue_size("work") < before - 300 || side.queue_size("work").zero? }
      own.redis.restart(kill: true)
    end
    wait_until(what: "all jobs done", timeout: 60) do
      side.retry_all
      side.empty?
    end
    done = side.redis { |redis| redis.get("counter") }.to_i
    _(done).must_be :>=, 4000
    _(done).must_be :<=, 4000 + 3 * 5
    process.wait_for_log("the outage") { |line| %w[WARN ERROR].include?(line["severity"]) }
    _(process.term.exitstatus).must_equal 0
  end

  it "waits for a Redis that is not there yet" do
    own = start_services
    own.redis.stop
    process = HubferryProcess.new(own, queues: ["work"], program: :spec_worker, ready: false)
    process.wait_for_log("waiting") { |line| line["message"] =~ /trying again/ }
    own.redis.start
    process.wait_for_log("ready") { |line| line["message"] == "ready" }
    _(process.term.exitstatus).must_equal 0
  end

  it "refuses to start on a database that it does not know, naming the column" do
    own = start_services
    own.postgres.psql(PrivatePostgres::DATABASE, "ALTER TABLE labels ADD COLUMN spec_mandatory integer NOT NULL")
    process = HubferryProcess.new(own, queues: ["work"], program: :spec_worker, ready: false)
    _(process.wait.exitstatus).must_equal 1
    _(process.text).must_include "spec_mandatory"
  end
end
