# frozen_string_literal: true

require_relative "../support/harness"

# The real Sidekiq Web shows the process and its jobs, and its Quiet and Stop buttons work.
describe "Sidekiq Web" do
  let(:services) { shared_services }
  let(:sidekiq) { SidekiqSide.new(services.redis) }

  before { @web = SidekiqWeb.new(sidekiq) }
  after { @web.stop }

  def start(**options)
    HubferryProcess.new(services, queues: ["work"], program: :spec_worker, arguments: ["--tag", "ferry", "--label", "spec"], **options)
  end

  def page(path)
    page = @web.get(path)
    _(page.status).must_equal 200
    page.body
  end

  it "shows the process and its running jobs" do
    process = start(timeout: 1)
    jid = sidekiq.push("Spec::SleepWorker", [300], queue: "work")
    wait_until(what: "the job on the Busy page", timeout: 60) { page("/busy").include?(jid) }
    body = page("/busy")
    _(body).must_include process.identity
    _(body).must_include "ferry"
    _(body).must_include "Spec::SleepWorker"
    shown = sidekiq.process_of(process.pid)
    _(%w[concurrency busy queues labels].map { |field| shown[field] }).must_equal [5, 1, ["work"], ["spec"]]
  end

  it "shows retries, scheduled and dead jobs, and performs a retried job again" do
    start
    failed = sidekiq.push("Spec::FailWorker", ["not today"], queue: "work")
    dead = sidekiq.push("Spec::FailWorker", [], queue: "work", extra: { "retry" => 0 })
    sidekiq.push("Spec::NoopWorker", [], queue: "work", delay: 3600)
    wait_until(what: "both failures") { sidekiq.retries.any? && sidekiq.dead.any? }
    _(page("/retries")).must_include "not today"
    _(page("/scheduled")).must_include "Spec::NoopWorker"
    _(page("/morgue")).must_include "Spec::FailWorker"

    sidekiq.retry_all
    wait_until(what: "the second failure") { sidekiq.retries.any? { |retried| retried.job["retry_count"] == 0 && retried.job["retried_at"] } }
    _(sidekiq.dead.map { |job| job.job["jid"] }).must_equal [dead]
  end

  it "quiets and stops the process" do
    process = start
    @web.quiet(process.identity)
    process.wait_for_log("quiet") { |line| line["message"] =~ /\Aquiet/ }
    wait_until(what: "shown as quiet") { sidekiq.process_of(process.pid)["quiet"] == "true" }
    @web.stop_process(process.identity)
    _(process.wait.exitstatus).must_equal 0
    _(sidekiq.processes).must_be_empty
  end

  it "does not show a process that was killed once its heartbeat is gone" do
    process = start
    identity = process.identity
    process.kill
    sidekiq.redis { |redis| redis.del(identity, "process_cleanup") }
    _(page("/busy")).wont_include identity
  end
end
