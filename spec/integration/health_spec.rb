# frozen_string_literal: true

require "net/http"
require_relative "../support/harness"

describe "health and metrics of a worker" do
  let(:services) { start_services }

  # A worker that serves everything on one port, and that port.
  def start
    process = HubferryProcess.new(services, program: :spec_worker, queues: ["spec"],
                                            arguments: %w[--health-address 127.0.0.1 --health-port 0 --metrics-address 127.0.0.1 --metrics-port 0])
    line = process.wait_for_log("the health server's port") { |entry| entry["message"] == "Health server listening" }
    [process, line.fetch("port")]
  end

  def get(port, path) = Net::HTTP.get_response("127.0.0.1", path, port)

  def sample(port, name) = get(port, "/metrics").body[/^#{Regexp.escape(name)} (\S+)$/, 1]&.to_f

  it "is ready, counts jobs, and is not ready while Redis is away" do
    process, port = start
    wait_until(what: "ready") { get(port, "/readiness").code == "200" }
    _(JSON.parse(get(port, "/liveness").body)).must_equal("status" => "ok")
    _(sample(port, "sidekiq_concurrency")).must_equal 5.0

    SidekiqSide.new(services.redis).push_bulk("Spec::NoopWorker", [[]] * 10, queue: "spec")
    labels = 'worker="Spec::NoopWorker",queue="spec"'
    wait_until(what: "ten jobs counted") do
      get(port, "/metrics").body[/^gitlab_sli_sidekiq_execution_total\{#{labels}[^}]*\} (\d+)$/, 1].to_i == 10
    end

    services.redis.kill
    wait_until(what: "not ready") { get(port, "/readiness").code == "503" }
    _(get(port, "/liveness").code).must_equal "200"
    services.redis.start
    wait_until(what: "ready again") { get(port, "/readiness").code == "200" }
    _(process.term).must_be :success?
  end

  it "is not ready once it is quiet, but alive" do
    process, port = start
    wait_until(what: "ready") { get(port, "/readiness").code == "200" }
    process.quiet
    wait_until(what: "not ready") { get(port, "/readiness").code == "503" }
    _(JSON.parse(get(port, "/readiness").body)["status"]).must_equal "failed"
    _(get(port, "/liveness").code).must_equal "200"
  end
end
