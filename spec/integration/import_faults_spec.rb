# frozen_string_literal: true

# Redis, PostgreSQL and GitHub fail in the middle of an import: it still finishes, with the outcome of an undisturbed one.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "an import under faults" do
  UNDISTURBED = {}

  let(:scenario) { ImportScenario.new(start_services(appendonly: true)) }

  # One for all tests, as generated repositories are the same.
  def undisturbed
    UNDISTURBED[:outcome] ||= scenario.outcome(scenario.import("undisturbed"))
  end

  # Retries wait 15 seconds and more, rate limits until their reset; time passes quickly here.
  def wait_with_time_travel(project, hubferry)
    status = scenario.database.wait_for_import(project, details: -> { hubferry.tail }) { scenario.sidekiq.make_due }
    _(status).must_equal "finished", hubferry.tail
  end

  def import_under_fault(path, **options)
    project = scenario.schedule_import(path)
    hubferry = scenario.start_hubferry(**options)
    yield hubferry if block_given?
    wait_with_time_travel(project, hubferry)
    _(hubferry.term.exitstatus).must_equal 0
    _(ImportScenario.difference(undisturbed, scenario.outcome(project))).must_equal ""
    hubferry
  end

  before { undisturbed }

  it "survives restarts of Redis" do
    scenario.github.fault("match" => "/repos/*", "delay_ms" => 150)
    import_under_fault("redis") do |hubferry|
      hubferry.wait_for_log("the first stage") { |line| line["message"] == "starting stage" }
      3.times do
        scenario.services.redis.restart(kill: true)
        sleep 0.3
      end
    end
  end

  it "survives restarts of PostgreSQL" do
    scenario.github.fault("match" => "/repos/*", "delay_ms" => 150)
    import_under_fault("postgres") do |hubferry|
      hubferry.wait_for_log("the first stage") { |line| line["message"] == "starting stage" }
      2.times do
        scenario.services.postgres.restart
        sleep 0.3
      end
    end
  end

  it "survives answers 500, 502 and 503, and truncated and broken bodies" do
    faults = [{ "status" => 500, "times" => 4 }, { "status" => 502, "times" => 4 }, { "status" => 503, "times" => 1 },
              { "truncate" => 100, "times" => 4 }, { "broken_json" => true, "times" => 1 }]
    %w[/labels /milestones /releases /issues /pulls].zip(faults) do |path, fault|
      scenario.github.fault({ "match" => "/repos/octo/demo#{path}" }.merge(fault))
    end
    import_under_fault("answers")
  end

  it "survives connections that GitHub resets, also while the repository is fetched" do
    scenario.github.fault("match" => "/repos/octo/demo/labels", "reset" => true, "times" => 5)
    scenario.github.fault("match" => "*git-upload-pack", "reset" => true, "times" => 1)
    import_under_fault("resets")
  end

  it "survives answers that never come" do
    %w[labels milestones].each { |name| scenario.github.fault("match" => "/repos/octo/demo/#{name}", "hang" => 30, "times" => 2) }
    import_under_fault("timeouts", arguments: ["--github-timeout", "1"])
    scenario.github.fault("match" => "/repos/octo/demo/releases", "hang" => 30, "times" => 3)
    hubferry = import_under_fault("retried", arguments: ["--github-timeout", "1"])
    failed = hubferry.log.find { |line| line["job_status"] == "fail" }
    _(failed["exception.class"]).must_equal "Faraday::TimeoutError"
  end

  it "waits for the primary and the secondary rate limit" do
    scenario.github.fault("match" => "/repos/octo/demo/milestones", "rate_limit" => "primary", "reset_in" => 1, "times" => 1)
    scenario.github.fault("match" => "/repos/octo/demo/releases", "rate_limit" => "secondary", "retry_after" => 1, "times" => 1)
    hubferry = import_under_fault("limits")
    retrying = hubferry.log.select { |line| line["message"] == "stage retrying" }
    _(retrying.map { |line| line["exception_class"] }.uniq).must_equal ["Gitlab::GithubImport::RateLimitError"]
  end
end
