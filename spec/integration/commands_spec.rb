# frozen_string_literal: true

require_relative "../support/harness"
require_relative "../support/hubferry_command"
require_relative "../support/import_scenario"

describe "the program" do
  it "explains itself" do
    help = HubferryCommand.run("--help")
    _(help.status).must_equal 0
    %w[work import status check quiet stop].each do |name|
      _(help.output).must_match(/^  #{name} /)
      command = HubferryCommand.run(name, "--help")
      _(command.status).must_equal 0
      _(command.output).must_include "Exit status: 0"
      _(command.output).must_match(/--gitlab-config=DIR .*HUBFERRY_GITLAB_CONFIG/)
    end
    _(HubferryCommand.run("--version").output).must_match(/\Ahubferry \d+\.\d+\.\d+\n\z/)
  end

  it "names the mistake and where help is" do
    {
      [] => /Usage: hubferry COMMAND/,
      %w[wrok] => /there is no command 'wrok'; see 'hubferry --help'/,
      %w[status --jsn] => /Unknown option --jsn; see 'hubferry status --help'/,
      %w[stop] => /IDENTITY\|all is missing/,
      %w[stop a b] => /'b' is one argument too many/,
      %w[import octo/demo] => /--project is missing/,
      %w[status --watch often] => /--watch must be a whole number/
    }.each do |arguments, message|
      command = HubferryCommand.run(*arguments)
      _(command.status).must_equal 2
      _(command.errors).must_match message
      _(command.output).must_be_empty
    end
  end
end

describe "commands on a running GitLab" do
  let(:scenario) { ImportScenario.new(start_services) }
  let(:config) { scenario.config.folder }

  def run_command(name, *arguments, **options) = HubferryCommand.run(name, "--gitlab-config", config, *arguments, **options)

  def status = run_command("status", "--json").json

  # An empty project, as GitLab has it before any import.
  def blank_project(path)
    project = scenario.database.create_import(path, import_source: "x/y")
    scenario.database.query("UPDATE project_mirror_data SET status = 'none' WHERE project_id = $1", project.id)
    scenario.database.query("DELETE FROM project_import_data WHERE project_id = $1", project.id)
    scenario.database.query("UPDATE projects SET import_type = NULL, import_source = NULL, import_url = NULL WHERE id = $1", project.id)
    project
  end

  def import(project, *arguments)
    run_command("import", "octo/demo", "--project", project.full_path, "--github-url", scenario.github.url, *arguments,
                environment: { "HUBFERRY_GITHUB_TOKEN" => ImportScenario::TOKEN })
  end

  # The same in the background.
  def start_import(project, *arguments)
    ChildProcess.new(HubferryCommand::PROGRAM, "import", "octo/demo", "--gitlab-config", config, "--project", project.full_path,
                     "--github-url", scenario.github.url, *arguments, output: File.join(scenario.services.folder, "import.log"),
                                                                      environment: { "HUBFERRY_GITHUB_TOKEN" => ImportScenario::TOKEN })
  end

  def imported(project)
    JSON.parse(scenario.database.import_state(project)["checksums"])["imported"]
  end

  describe "status" do
    it "shows imports, queues, sets and processes" do
      project = scenario.schedule_import("shown")
      scenario.sidekiq.push("Gitlab::Import::RefreshImportJidWorker", [project.id, "x"], queue: "other")
      process = HubferryProcess.new(scenario.services, config: scenario.config, queues: ["elsewhere"])
      report = status
      import = report["imports"].first
      _(import.values_at("project", "source", "status")).must_equal [project.full_path, "octo/demo", "scheduled"]
      _(import.values_at("stage", "where")).must_equal %w[RepositoryImport queued]
      _(report["queues"].to_h { |queue| queue.values_at("name", "size") }).must_include "other"
      _(report["sets"]).must_equal("retry" => 0, "schedule" => 0, "dead" => 0, "interrupted" => 0)
      _(report["processes"].map { |entry| entry["identity"] }).must_equal [process.identity]
      _(report["processes"].first.values_at("busy", "concurrency", "quiet")).must_equal [0, 5, false]

      text = run_command("status").output
      _(text).must_match(%r{^#{project.full_path} \(project #{project.id}\) from octo/demo: scheduled})
      _(text).must_match(/^  stage: RepositoryImport \(queued\)$/)
      _(text).must_match(/^#{Regexp.escape(process.identity)} hubferry: 0 of 5 busy/)
    end

    it "tells the stage that waits and for how many jobs" do
      project = scenario.schedule_import("waiting")
      key = "gitlab:job_waiter:#{SecureRandom.uuid}"
      scenario.sidekiq.redis do |redis|
        redis.del("queue:#{ImportScenario::QUEUE}")
        redis.lpush(key, %w[a b])
      end
      scenario.sidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [project.id, { key => 5 }, "issue_events"], queue: "other")
      import = status["imports"].first
      _(import.values_at("stage", "next_stage", "waiting_for")).must_equal ["AdvanceStage", "issue_events", 3]
      _(scenario.sidekiq.redis { |redis| redis.llen(key) }).must_equal 2
    end

    it "asks GitHub for the rate limit on demand" do
      scenario.schedule_import("limited")
      import = run_command("status", "--json", "--rate-limit").json["imports"].first
      _(import["rate_limit"]["limit"]).must_be :>, 0
    end
  end

  describe "quiet and stop" do
    it "leave the signals of Sidekiq's buttons" do
      process = HubferryProcess.new(scenario.services, config: scenario.config)
      quiet = run_command("quiet", process.identity)
      _(quiet.status).must_equal 0, quiet.errors
      wait_until(timeout: 30, what: "quiet") { status["processes"].first["quiet"] }
      _(run_command("stop", "all").status).must_equal 0
      _(process.wait).must_be :success?
    end

    it "say when there is no such process" do
      command = run_command("stop", "host:1:abc")
      _(command.status).must_equal 1
      _(command.errors).must_match(/No process is registered as host:1:abc/)
    end
  end

  describe "import" do
    it "goes through the workers and waits for the end" do
      project = blank_project("queued")
      scenario.start_hubferry
      command = import(project)
      _(command.status).must_equal 0, command.output + command.errors
      _(command.output).must_match(/^The import is finished$/)
      _(imported(project)).must_equal("label" => 230, "milestone" => 12, "release" => 15, "issue" => 6, "pull_request" => 4,
                                      "protected_branch" => 1)
      _(scenario.database.query("SELECT import_type, import_source, import_url FROM projects WHERE id = $1", project.id).first)
        .must_equal("import_type" => "github", "import_source" => "octo/demo", "import_url" => scenario.github.import_url("octo/demo"))
    end

    it "does everything itself when asked to, and leaves to Ruby what is Ruby's" do
      project = blank_project("sequential")
      reference = scenario.import("reference")
      command = import(project, "--sequential", "--quiet")
      _(command.status).must_equal 0, command.output + command.errors
      _(command.output).must_match(/\AThe import is finished$/)
      _(imported(project)).must_equal imported(reference)
      _(scenario.refs(project)).must_equal scenario.refs(reference)
      _(scenario.sidekiq.redis { |redis| redis.smembers("queues") }).wont_include "hubferry:import:#{project.id}"
      _(scenario.sidekiq.scheduled.map { |entry| entry.job["queue"] }).wont_include "hubferry:import:#{project.id}"
      _(scenario.sidekiq.queue("default").map { |job| job["class"] }).must_include "Projects::AfterImportWorker"
    end

    it "goes on after an interruption" do
      project = blank_project("interrupted")
      scenario.github.fault("match" => "/repos/octo/demo/labels", "delay_ms" => 60_000, "times" => 1)
      command = start_import(project, "--sequential")
      command.wait_until("the stage of labels") { command.text.include?("ImportBaseData") }
      command.signal(:INT)
      _(command.wait.exitstatus).must_equal 3, command.text
      _(command.text).must_include "the same command goes on with it"
      _(scenario.database.import_state(project)["status"]).must_equal "started"

      again = import(project, "--sequential")
      _(again.status).must_equal 0, again.output + again.errors
      _(imported(project)).must_equal("label" => 230, "milestone" => 12, "release" => 15, "issue" => 6, "pull_request" => 4,
                                      "protected_branch" => 1)
    end

    it "leaves a queued import to the workers when interrupted" do
      project = blank_project("left")
      command = start_import(project)
      command.wait_until("scheduled") { command.text.include?("scheduled") }
      command.signal(:INT)
      _(command.wait.exitstatus).must_equal 3
      _(command.text).must_include "The import goes on in the workers"
      scenario.start_hubferry
      _(scenario.database.wait_for_import(project)).must_equal "finished"
    end

    it "tells a failed import from a finished one" do
      project = blank_project("failing")
      command = start_import(project)
      command.wait_until("scheduled") { command.text.include?("scheduled") }
      scenario.database.query("UPDATE project_mirror_data SET status = 'failed', last_error = 'no luck' WHERE project_id = $1", project.id)
      _(command.wait.exitstatus).must_equal 1
      _(command.text).must_match(/^The import is failed: no luck$/)
    end

    it "refuses what cannot begin, and changes nothing then" do
      project = scenario.schedule_import("busy")
      before = scenario.database.import_state(project)
      command = import(project)
      _(command.status).must_equal 2
      _(command.errors).must_match(/the import of #{project.full_path} is scheduled, so that no other can begin/)
      _(scenario.database.import_state(project)).must_equal before

      missing = HubferryCommand.run("import", "octo/demo", "--gitlab-config", config, "--project", "imports/nothing",
                                    environment: { "HUBFERRY_GITHUB_TOKEN" => "t" })
      _(missing.errors).must_match(/there is no project imports\/nothing; create an empty one in GitLab first/)
      _(run_command("import", "octo/demo", "--project", "1").errors).must_match(/a token is needed/)
      _(import(project, "--sequential", "--queued").errors).must_match(/exclude each other/)
      _(run_command("import", "octo", "--project", "1", environment: { "HUBFERRY_GITHUB_TOKEN" => "t" }).errors).must_match(%r{OWNER/REPO})
    end
  end
end
