# frozen_string_literal: true

# Whatever is in the queue or comes from GitHub: a clear log line, the state that GitLab's importer would leave, and a
# process that goes on.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "bad input" do
  FIRST_STAGE = "Gitlab::GithubImport::Stage::ImportRepositoryWorker"

  let(:scenario) { ImportScenario.new(shared_services) }
  let(:sidekiq) { scenario.sidekiq }
  let(:hubferry) { scenario.start_hubferry }

  def push_raw(text) = sidekiq.redis { |redis| redis.lpush("queue:#{ImportScenario::QUEUE}", text) }

  # The process still works: another import goes through.
  def still_alive
    project = scenario.schedule_import("afterwards")
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
    wait_until(what: "empty working lists") { sidekiq.working.empty? }
  end

  def wait_for_failure(class_name)
    hubferry.wait_for_log("failure of #{class_name}") { |line| line["job_status"] == "fail" && line["class"] == class_name }
  end

  # Lets every retry happen until the import has ended.
  def exhaust_retries(project)
    wait_until(timeout: 60, every: 0.3, what: "the end of the import", details: -> { hubferry.tail }) do
      sidekiq.make_due
      GitlabDatabase::COMPLETED.include?(scenario.database.import_state(project)["status"])
    end
    scenario.database.import_state(project)
  end

  describe "in the queue" do
    it "buries what is no JSON, and what is no job" do
      hubferry
      texts = ["{", "[]", "null", "{\"class\":1,\"args\":[]}", "{\"class\":\"#{FIRST_STAGE}\"}", "\xff\x00", ""]
      texts.each { |text| push_raw(text) }
      wait_until(what: "the dead set", details: -> { hubferry.tail }) do
        sidekiq.redis { |redis| redis.zcard("dead") } == texts.size
      end
      _(sidekiq.redis { |redis| redis.zrange("dead", 0, -1) }.map(&:b).sort).must_equal texts.map(&:b).sort
      still_alive
    end

    it "hands over classes that only Ruby knows, unchanged but for the queue" do
      hubferry
      jid = sidekiq.push("Spec::OnlyRubyWorker", [1, { "a" => nil }], queue: ImportScenario::QUEUE, extra: { "custom" => "kept" })
      job = wait_until(what: "the job in Ruby's queue") { sidekiq.queue("default").find { |candidate| candidate["jid"] == jid } }
      _(job["args"]).must_equal [1, { "a" => nil }]
      _(job["custom"]).must_equal "kept"
      _(job["queue"]).must_equal "default"
      hubferry.wait_for_log("the unknown class") { |line| line["class"] == "Spec::OnlyRubyWorker" && line["severity"] == "ERROR" }
      still_alive
    end

    it "hands over numbers that only Ruby can hold" do
      hubferry
      text = "{\"class\":\"#{FIRST_STAGE}\",\"args\":[123456789012345678901234567890],\"jid\":\"big\",\"queue\":\"#{ImportScenario::QUEUE}\"}"
      push_raw(text)
      wait_until(what: "the job in Ruby's queue", details: -> { hubferry.tail }) do
        sidekiq.redis { |redis| redis.lrange("queue:default", 0, -1) }.any? { |job| job.include?("123456789012345678901234567890") }
      end
      still_alive
    end

    it "fails jobs with wrong arguments, and retries them as their class says" do
      hubferry
      [[], ["42"], [1, 2], [nil]].each { |args| sidekiq.push(FIRST_STAGE, args, queue: ImportScenario::QUEUE) }
      wait_until(what: "four retries", details: -> { hubferry.tail }) { sidekiq.retries.size == 4 }
      _(sidekiq.retries.map { |entry| entry.job["error_class"] }.uniq).must_equal ["ArgumentError"]
      sidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [1, {}, "no_such_stage"], queue: ImportScenario::QUEUE)
      wait_for_failure("Gitlab::GithubImport::AdvanceStageWorker")
      still_alive
    end

    it "fails the import of a project that does not exist, without a retry, and ends its stages quietly" do
      hubferry
      sidekiq.push("RepositoryImportWorker", [999_999], queue: ImportScenario::QUEUE)
      line = wait_for_failure("RepositoryImportWorker")
      _(line["exception.class"] || line["error_class"]).must_equal "ActiveRecord::RecordNotFound"
      sidekiq.push(FIRST_STAGE, [999_999], queue: ImportScenario::QUEUE)
      hubferry.wait_for_log("the stage's end") { |entry| entry["class"] == FIRST_STAGE && entry["job_status"] == "done" }
      _(sidekiq.retries).must_be_empty
      _(sidekiq.dead).must_be_empty
      still_alive
    end
  end

  describe "in jobs of files" do
    ATTACHMENTS = %w[Release Note Issue MergeRequest].map { |record| "Gitlab::GithubImport::Attachments::Import#{record}Worker" }.freeze
    LFS = "Gitlab::GithubImport::ImportLfsObjectWorker"
    WAITER = "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"
    FILE = "![x](https://github.com/user-attachments/assets/1)"
    OID = "0" * 64
    # What no job has: these fail, and are retried.
    MISSHAPEN = [[], [1], ["1", {}, WAITER], [1.5, {}, WAITER], [[1], {}, WAITER], [nil, {}, WAITER], [1, "text", WAITER], [1, [{}], WAITER],
                 [1, nil, WAITER], [1, {}, 42], [1, {}, [WAITER]], [1, {}, WAITER, "more"]].freeze
    # What no record has: nothing to be done.
    OTHERS = [{}, { "record_db_id" => "1", "text" => FILE }, { "record_db_id" => [1], "text" => FILE }, { "record_db_id" => 1e300, "text" => FILE },
              { "record_db_id" => 1, "text" => { "text" => FILE } }, { "record_db_id" => 1, "record_type" => "WikiPage::Meta", "text" => FILE },
              { "record_db_id" => -(2**63), "text" => FILE }, { "record_db_id" => 1, "text" => FILE * 20_000 },
              { "oid" => "../../#{OID[6..]}", "size" => 1, "link" => "https://github.com/o" }, { "oid" => OID, "size" => "1", "link" => "https://github.com/o" },
              { "oid" => [OID], "size" => 1, "link" => "https://github.com/o" }, { "oid" => OID, "size" => 1, "link" => { "href" => "https://github.com/o" } },
              { "oid" => OID, "size" => 2**62, "link" => "gopher://github.com/o", "headers" => [1] }].freeze

    def started_import(path, **options)
      scenario.database.create_import(path, import_source: ImportScenario::REPOSITORY, import_url: scenario.github.import_url(ImportScenario::REPOSITORY),
                                            **options).tap do |project|
        scenario.database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", project.id)
      end
    end

    def push_each(list_of_args)
      [*ATTACHMENTS, LFS].flat_map { |worker| list_of_args.map { |args| sidekiq.push(worker, args, queue: ImportScenario::QUEUE) } }
    end

    def wait_until_performed(jids)
      wait_until(what: "the end of all jobs", details: -> { hubferry.tail }) do
        (jids - hubferry.log.filter_map { |line| line["jid"] if %w[done fail].include?(line["job_status"]) }).empty?
      end
    end

    it "fails those of another shape and passes over records that are not there" do
      project = started_import("shapes")
      hubferry
      misshapen = push_each(MISSHAPEN.map { |args| args.map { |arg| arg == 1 ? project.id : arg } })
      others = push_each([project.id, 999_999].product(OTHERS).map { |id, representation| [id, representation, WAITER] })
      wait_until_performed(misshapen + others)
      _(sidekiq.retries.map { |entry| entry.job["jid"] }.sort).must_equal misshapen.sort
      _(sidekiq.retries.map { |entry| entry.job["error_class"] }.uniq).must_equal ["ArgumentError"]
      _(scenario.github.file_requests).must_be_empty
      still_alive
    end

    it "fails them clearly when the token, or all that is known of the import, is gone" do
      tokenless = started_import("tokenless", token: nil)
      forgotten = started_import("forgotten")
      scenario.database.query("DELETE FROM project_import_data WHERE project_id = $1", forgotten.id)
      hubferry
      jids = [tokenless, forgotten].flat_map do |project|
        ATTACHMENTS.map { |worker| sidekiq.push(worker, [project.id, { "record_db_id" => 1, "text" => FILE }, WAITER], queue: ImportScenario::QUEUE) }
      end
      wait_until_performed(jids)
      _(sidekiq.retries.map { |entry| entry.job["jid"] }.sort).must_equal jids.sort
      _(sidekiq.retries.map { |entry| entry.job["error_message"] }).must_equal ["The import has no GitHub token any more"] * jids.size
    end
  end

  describe "at GitHub" do
    def import_refused_with(status)
      hubferry
      scenario.github.fault("match" => "/repos/*", "status" => status)
      project = scenario.schedule_import("refused-#{status}")
      state = exhaust_retries(project)
      scenario.github.reset
      _(state["status"]).must_equal "failed"
      _(scenario.database.import_failures(project).last["retry_count"]).must_equal "0"
      [state, scenario.database.import_failures(project)]
    end

    { 401 => "Octokit::Unauthorized", 403 => "Octokit::Forbidden", 404 => "Octokit::NotFound",
      451 => "Octokit::UnavailableForLegalReasons" }.each do |status, error_class|
      it "fails the import after its retries when GitHub answers #{status}" do
        state, failures = import_refused_with(status)
        _(state["last_error"]).must_match(/#{status}/)
        _(failures.map { |failure| failure["exception_class"] }.uniq).must_equal [error_class]
        _(failures.first["source"]).must_equal FIRST_STAGE
        _(failures.first["retry_count"]).must_be_nil
        _(failures.last["source"]).must_equal "Class"
        _(hubferry.text).wont_include ImportScenario::TOKEN
        still_alive
      end
    end

    it "fails the import, and asks GitHub nothing, when there is no token" do
      hubferry
      project = scenario.database.create_import("tokenless", import_source: ImportScenario::REPOSITORY,
                                                             import_url: scenario.github.import_url(ImportScenario::REPOSITORY), token: nil)
      sidekiq.push_import(project, scenario.database)
      state = exhaust_retries(project)
      _(state["status"]).must_equal "failed"
      _(state["last_error"]).must_match(/token/i)
      _(scenario.github.requests).must_be_empty
      still_alive
    end

    it "fails the import when the token cannot be decrypted" do
      hubferry
      project = scenario.database.create_import("undecryptable", import_source: ImportScenario::REPOSITORY,
                                                                 import_url: scenario.github.import_url(ImportScenario::REPOSITORY))
      scenario.database.query("UPDATE project_import_data SET encrypted_credentials_salt = $2 WHERE project_id = $1",
                              project.id, "_#{["another salt 1234"].pack("m")}")
      sidekiq.push_import(project, scenario.database)
      _(exhaust_retries(project)["status"]).must_equal "failed"
      still_alive
    end
  end

  describe "as a repository" do
    it "imports an empty one" do
      hubferry
      root = File.join(scenario.services.folder, "empty")
      ImportScenario.make_repository(root, "--commits", "0", "--wiki-pages", "0", "octo/empty:issues=0")
      github = FakeGithub.new(root, "--generate", "octo/empty:labels=2", "--git-root", root)
      project = scenario.database.create_import("empty", import_source: "octo/empty", import_url: github.import_url("octo/empty"))
      sidekiq.push_import(project, scenario.database)
      _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
      _(scenario.refs(project)).wont_match(%r{refs/heads/.* })
      _(scenario.database.value("SELECT count(*) FROM labels WHERE project_id = $1", project.id)).must_equal "2"
    end

    it "fails the import when the git repository is gone" do
      hubferry
      scenario.github.fault("match" => "/octo/demo.git/*", "status" => 404)
      project = scenario.schedule_import("gone")
      state = exhaust_retries(project)
      scenario.github.reset
      _(state["status"]).must_equal "failed"
      still_alive
    end
  end

  it "stops an import that was canceled, and starts nothing after it" do
    scenario.github.fault("match" => "/repos/octo/demo/labels", "delay_ms" => 1500)
    project = scenario.schedule_import("canceled")
    hubferry.wait_for_log("the labels") { |line| line["importer"] == "Gitlab::GithubImport::Importer::LabelsImporter" }
    scenario.database.query("UPDATE project_mirror_data SET status = 'canceled', jid = NULL WHERE project_id = $1", project.id)
    scenario.database.query("DELETE FROM project_import_data WHERE project_id = $1", project.id)
    hubferry.wait_for_log("the stop") { |line| line["message"] == "Project import is no longer running. Stopping worker." }
    wait_until(what: "an empty queue") { sidekiq.queue_size(ImportScenario::QUEUE).zero? && sidekiq.working.empty? }
    _(scenario.database.import_state(project)["status"]).must_equal "canceled"
    still_alive
  end
end
