# frozen_string_literal: true

require "csv"
require_relative "../support/harness"

# The specs' own world: GitLab's schema with its constraints and triggers, credentials, and Ruby Sidekiq.
describe "the specs' support" do
  let(:services) { shared_services }
  let(:database) { GitlabDatabase.new(services.postgres) }
  let(:project) { database.create_import("demo", import_source: "octo/demo") }
  let(:project_namespace_id) { database.value("SELECT project_namespace_id FROM projects WHERE id = $1", project.id).to_i }

  def insert(table, row)
    columns = row.keys.join(", ")
    values = (1..row.size).map { |number| "$#{number}" }.join(", ")
    database.query("INSERT INTO #{table} (#{columns}) VALUES (#{values}) RETURNING *", *row.values).first
  end

  def insert_issue(iid, **row)
    insert("issues", { project_id: project.id, namespace_id: project_namespace_id, iid: iid, title: "issue #{iid}", author_id: 1,
                       work_item_type_id: 1, created_at: "2020-01-01", updated_at: "2020-01-02" }.merge(row))
  end

  def insert_merge_request(iid, **row)
    insert("merge_requests", { target_project_id: project.id, source_project_id: project.id, iid: iid, title: "change #{iid}",
                               source_branch: "topic", target_branch: "main", author_id: 1 }.merge(row))
  end

  def insert_diff(merge_request, **row)
    insert("merge_request_diffs", { merge_request_id: merge_request["id"], project_id: project.id }.merge(row))
  end

  def insert_note(**row)
    insert("notes", { note: "text", noteable_type: "Issue", project_id: project.id, author_id: 1, created_at: "2020-01-03",
                      updated_at: "2020-01-03" }.merge(row))
  end

  def refused(error_class, &block) = assert_raises(error_class, &block)

  describe "GitLab's schema" do
    it "has every table of its data files" do
      tables = CSV.read(File.join(PostgresTemplate::SCHEMA, "columns.csv"), headers: true).map { |row| row["table"] }.uniq
      present = database.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
      _(tables - present.map { |row| row["table_name"] }).must_be_empty
    end

    it "fills what triggers fill" do
      issue = insert_issue(1, relative_position: 513)
      position = database.query("SELECT * FROM work_item_positions WHERE work_item_id = $1", issue["id"]).first
      _(position["relative_position"]).must_equal "513"
      _(position["relative_positioning_namespace_id"]).must_equal database.value("SELECT id FROM namespaces WHERE path = 'imports'")
      _(database.value("SELECT namespace_id FROM work_item_transitions WHERE work_item_id = $1", issue["id"]).to_i).must_equal project_namespace_id
      _(insert("issue_assignees", issue_id: issue["id"], user_id: 1)["namespace_id"].to_i).must_equal project_namespace_id

      note = insert_note(noteable_id: issue["id"], system: true)
      metadata = insert("system_note_metadata", note_id: note["id"], action: "title", created_at: "2020-01-01", updated_at: "2020-01-01")
      _(metadata["namespace_id"].to_i).must_equal project_namespace_id
      database.query("UPDATE notes SET namespace_id = $1 WHERE id = $2", project_namespace_id, note["id"])
      _(database.value("SELECT namespace_id FROM notes WHERE id = $1", note["id"])).must_be_nil

      upload = insert("uploads", size: 1, model_id: project.id, model_type: "Project", path: "a", uploader: "FileUploader",
                                 created_at: "2020-01-01")
      _(upload["project_id"].to_i).must_equal project.id
    end

    it "keeps the copies of merge request diffs in step" do
      merge_request = insert_merge_request(1)
      diff = insert_diff(merge_request, head_commit_sha: "ab" * 20)
      _(diff["head_commit_sha_bytea"]).must_equal "\\x#{"ab" * 20}"
      _(insert("merge_request_reviewers", merge_request_id: merge_request["id"], user_id: 1, created_at: "2020-01-01")["project_id"].to_i)
        .must_equal project.id

      user = insert("merge_request_diff_commit_users", name: "a", email: "a@b", organization_id: 1)
      metadata = insert("merge_request_commits_metadata", project_id: project.id, commit_author_id: user["id"],
                                                          committer_id: user["id"], sha: "\\x#{"cd" * 20}")
      insert("merge_request_diff_commits", merge_request_diff_id: diff["id"], relative_order: 0, project_id: project.id,
                                           merge_request_commits_metadata_id: metadata["id"])
      _(database.value("SELECT count(*) FROM merge_request_diff_commits_b5377a7a34")).must_equal "1"
      database.query("DELETE FROM merge_request_diff_commits")
      _(database.value("SELECT count(*) FROM merge_request_diff_commits_b5377a7a34")).must_equal "0"
      refused(PG::InvalidParameterValue) { insert_diff(merge_request, base_commit_sha: "no sha") }
    end

    it "mirrors a project's description" do
      database.query("UPDATE projects SET description = 'new' WHERE id = $1", project.id)
      _(database.value("SELECT description FROM namespace_details WHERE namespace_id = $1", project_namespace_id)).must_equal "new"
    end

    it "refuses issues that GitLab would refuse" do
      insert_issue(1)
      refused(PG::UniqueViolation) { insert_issue(1) }
      refused(PG::CheckViolation) { insert_issue(2, work_item_type_id: nil) }
      refused(PG::CheckViolation) { insert_issue(2, namespace_id: nil) }
      refused(PG::CheckViolation) { insert_issue(2, lock_version: nil) }
      refused(PG::RaiseException) { insert_issue(2, work_item_type_id: 77) }
      refused(PG::RaiseException) { insert_issue(2, work_item_type_id: 1001) }
      refused(PG::ForeignKeyViolation) { insert_issue(2, author_id: 4711) }
      _(insert_issue(2, work_item_type_id: 9)["iid"]).must_equal "2"
    end

    it "refuses rows without their sharding key" do
      issue = insert_issue(1)
      refused(PG::NotNullViolation) { insert("resource_label_events", action: 1, issue_id: issue["id"], created_at: "2020-01-01") }
      refused(PG::CheckViolation) { insert("label_links", target_type: "Issue", target_id: issue["id"]) }
      refused(PG::CheckViolation) { insert("labels", title: "a", color: "#000000", project_id: project.id, group_id: 3) }
      refused(PG::CheckViolation) { insert_note(noteable_id: issue["id"], project_id: nil) }
      refused(PG::CheckViolation) { insert("award_emoji", name: "thumbsup", awardable_type: "Issue", awardable_id: issue["id"], user_id: 1) }
      refused(PG::CheckViolation) do
        insert("resource_state_events", namespace_id: project_namespace_id, state: 2, created_at: "2020-01-01")
      end
    end

    it "refuses what only its partitions and lengths refuse" do
      refused(PG::CheckViolation) { insert("uploads", size: 1, model_id: 1, model_type: "Unknown", path: "a", uploader: "b") }
      refused(PG::CheckViolation) do
        insert("merge_request_commits_metadata", project_id: 10_000_000, commit_author_id: 1, committer_id: 1, sha: "\\x00")
      end
      refused(PG::StringDataRightTruncation) do
        insert("import_failures", project_id: project.id, created_at: "2020-01-01", exception_message: "x" * 256)
      end
      refused(PG::NotNullViolation) { insert("releases", project_id: project.id, tag: "v1", created_at: "2020-01-01", updated_at: "2020-01-01") }
      refused(PG::NotNullViolation) { insert("project_features", project_id: project.id) }
    end

    it "takes upserts on its partial unique indexes with their predicate" do
      upsert = "INSERT INTO labels (title, color, project_id) VALUES ('bug', '#000000', $1) " \
               "ON CONFLICT (project_id, title) WHERE group_id IS NULL DO UPDATE SET color = '#ffffff'"
      2.times { database.query(upsert, project.id) }
      _(database.query("SELECT color FROM labels").map(&:values)).must_equal [["#ffffff"]]
    end
  end

  describe "import credentials" do
    # Made with the gems attr_encrypted and encryptor.
    it "are encrypted as GitLab does" do
      columns = ImportCredentials.encrypt({ user: "ghp_exampletoken0000000000000000000000", password: nil },
                                          salt: ["a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"].pack("H*"),
                                          iv: ["101112131415161718191a1b1c1d1e1f"].pack("H*"))
      _(columns).must_equal(
        "encrypted_credentials" => "0B+9afM1WWA6mHUU3b6oyaRvFyIDm/Q+ndtETqZQzQar6jVmRPfkdJun85cK\nw9cNwGRE8OJk0adAc+jQMPfIRAlEg6TWwAC2SQVhiEcTNSU=\n",
        "encrypted_credentials_iv" => "EBESExQVFhcYGRobHB0eHw==\n",
        "encrypted_credentials_salt" => "_oKGio6SlpqeoqaqrrK2urw==\n"
      )
    end

    it "can be read from the row of a project" do
      row = database.query("SELECT * FROM project_import_data WHERE project_id = $1", project.id).first
      _(ImportCredentials.decrypt(row)).must_equal(user: "ghp_spec", password: nil)
    end
  end

  describe "the dump of a project" do
    def fill(project, shuffle:)
      namespace_id = database.value("SELECT project_namespace_id FROM projects WHERE id = $1", project.id)
      iids = shuffle ? [2, 1] : [1, 2]
      iids.each do |iid|
        issue = insert_issue(iid, project_id: project.id, namespace_id: namespace_id)
        label = insert("labels", title: "label #{iid}", color: "#000000", project_id: project.id, created_at: Time.now.utc)
        insert("label_links", label_id: label["id"], target_type: "Issue", target_id: issue["id"], namespace_id: namespace_id)
        discussion = SecureRandom.hex(20)
        %w[first second].each do |text|
          note = insert_note(noteable_id: issue["id"], project_id: project.id, note: "#{text} on #{project.full_path}", discussion_id: discussion)
          insert("system_note_metadata", note_id: note["id"], action: "title", created_at: Time.now.utc, updated_at: Time.now.utc)
        end
      end
    end

    # A merge request with a commit, reviewed by a GitHub user who is a placeholder here.
    def fill_merge_request(project)
      root_id = database.value("SELECT traversal_ids[1] FROM namespaces JOIN projects ON project_namespace_id = namespaces.id " \
                               "WHERE projects.id = $1", project.id)
      placeholder = insert("users", username: SecureRandom.hex, email: SecureRandom.hex, name: "Placeholder", user_type: 15, projects_limit: 0,
                                    organization_id: 1)
      source = insert("import_source_users", namespace_id: root_id, placeholder_user_id: placeholder["id"], source_user_identifier: "501",
                                             source_hostname: "http://127.0.0.1:#{rand(10_000..20_000)}", import_type: "github",
                                             created_at: Time.now.utc, updated_at: Time.now.utc)
      merge_request = insert_merge_request(7, target_project_id: project.id, source_project_id: project.id, author_id: placeholder["id"])
      diff = insert_diff(merge_request, project_id: project.id, head_commit_sha: "ab" * 20)
      database.query("UPDATE merge_requests SET latest_merge_request_diff_id = $1 WHERE id = $2", diff["id"], merge_request["id"])
      author = database.query("INSERT INTO merge_request_diff_commit_users (name, email, organization_id) VALUES ('a', 'a@b', 1) " \
                              "ON CONFLICT (organization_id, name, email) DO UPDATE SET name = EXCLUDED.name RETURNING id").first
      metadata = insert("merge_request_commits_metadata", project_id: project.id, commit_author_id: author["id"], committer_id: author["id"],
                                                          sha: "\\x#{"cd" * 20}")
      insert("merge_request_diff_commits", merge_request_diff_id: diff["id"], relative_order: 0, project_id: project.id,
                                           merge_request_commits_metadata_id: metadata["id"])
      review = insert("reviews", author_id: placeholder["id"], merge_request_id: merge_request["id"], project_id: project.id, created_at: "2020-01-01")
      note = insert_note(noteable_type: "MergeRequest", noteable_id: merge_request["id"], project_id: project.id, review_id: review["id"],
                         author_id: placeholder["id"], note: "see http://127.0.0.1:#{rand(10_000..20_000)}/uploads/#{SecureRandom.hex}/a.png")
      insert("merge_request_user_mentions", merge_request_id: merge_request["id"], note_id: note["id"],
                                            mentioned_users_ids: "{1,#{placeholder["id"]}}")
      insert("import_source_user_placeholder_references", source_user_id: source["id"], namespace_id: root_id, model: "Note", alias_version: 1,
                                                          numeric_key: note["id"], user_reference_column: "author_id", created_at: Time.now.utc)
    end

    it "is the same for two imports of the same data" do
      database.create_group("elsewhere")
      other = database.create_import("copy", import_source: "octo/demo", namespace: "elsewhere")
      fill(project, shuffle: false)
      fill(other, shuffle: true)
      [project, other].each { |filled| fill_merge_request(filled) }
      _(database.dump(other)).must_equal database.dump(project)
      _(database.dump(project)).must_match(/^label_links label_id=labels\(title="label 1"\) target_id=issues\(iid=1\)/)
      _(database.dump(project)).must_match(/^merge_requests .*author_id=placeholder\(501\)/)

      insert_note(noteable_id: database.value("SELECT id FROM issues WHERE project_id = $1 LIMIT 1", other.id), project_id: other.id)
      _(database.dump(other)).wont_equal database.dump(project)
    end

    it "has import failures only when asked" do
      insert("import_failures", project_id: project.id, created_at: Time.now.utc, exception_class: "Boom")
      _(database.dump(project)).wont_match(/Boom/)
      _(database.dump(project, import_failures: true)).must_match(/^import_failures project_id=<project> created_at=<now> exception_class=Boom/)
    end
  end

  describe "Ruby Sidekiq" do
    let(:sidekiq) { SidekiqSide.new(services.redis) }

    it "pushes an import as GitLab does" do
      jid = sidekiq.push_import(project, database)
      job = sidekiq.queue("github_importer").first
      _(job).must_be :>=, { "class" => "RepositoryImportWorker", "args" => [project.id], "jid" => jid, "retry" => false, "dead" => false,
                            "status_expiration" => 86_400, "meta.project" => "imports/demo", "size_limiter" => "validated" }
      _(database.import_state(project)).must_be :>=, { "status" => "scheduled", "jid" => jid, "correlation_id_value" => job["correlation_id"] }
      _(sidekiq.redis { |redis| redis.ttl("gitlab-sidekiq-status:#{jid}") }).must_be :>, 86_000
      _(GitlabSidekiq::DuplicateJob.new(job, "github_importer").cookie["jid"]).must_equal jid
    end

    it "computes idempotency keys as GitLab does" do
      job = { "class" => "Gitlab::GithubImport::AdvanceStageWorker", "args" => [42, { "abc" => 5 }, "finish"] }
      _(GitlabSidekiq::DuplicateJob.new(job, "default").idempotency_key).must_equal(
        "resque:gitlab:duplicate:default:1645e52963a1a7622faf412522a4f617d9b87d5b03ea51cbbada7bbba0e39b24"
      )
    end

    it "performs jobs through GitLab's fetcher and cleans up after them" do
      RubyWorker.new(services, queues: ["default"])
      sidekiq.push("Spec::CounterWorker", ["counter"], extra: { "status_expiration" => 60 })
      compressed = GitlabSidekiq::Middleware::SizeLimiterServer.compress([{ "a" => "b" }])
      sidekiq.push("Spec::OnlyRubyWorker", compressed.delete("args"), extra: compressed)
      wait_until(what: "both jobs performed") { sidekiq.performed("Spec::OnlyRubyWorker").any? && sidekiq.redis { |redis| redis.get("counter") } }
      _(sidekiq.performed("Spec::OnlyRubyWorker")).must_equal [[{ "a" => "b" }]]
      wait_until(what: "everything acknowledged") { sidekiq.empty? }
      wait_until(what: "keys deleted") { sidekiq.redis { |redis| redis.keys("*duplicate*") + redis.keys("gitlab-sidekiq-status:*") }.empty? }
    end

    it "advances to the next stage when the last object job has reported" do
      waiter = "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"
      database.query("UPDATE project_mirror_data SET status = 'started', jid = 'async' WHERE project_id = $1", project.id)
      RubyWorker.new(services, queues: ["default"])
      sidekiq.redis { |redis| redis.lpush(waiter, %w[a b]) }
      sidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [project.id, { waiter => 2 }, "issue_events"], queue: "default")
      pushed = -> { sidekiq.queue("github_importer").map { |job| job["class"] } }
      wait_until(what: "the next stage pushed") { pushed.call.size == 2 }
      _(pushed.call).must_equal ["Import::LoadPlaceholderReferencesWorker", "Gitlab::GithubImport::Stage::ImportIssueEventsWorker"]
      _(sidekiq.redis { |redis| redis.exists?("gitlab-sidekiq-status:async") }).must_equal true
    end

    it "recovers the job of a killed process" do
      worker = RubyWorker.new(services, queues: ["default"], semi_reliable: false)
      sidekiq.push("Spec::SelfKillWorker", ["kills"])
      worker.wait
      _(sidekiq.working.values.flatten.size).must_equal 1
      sidekiq.forget_process(worker.pid)
      RubyWorker.new(services, queues: ["default"], semi_reliable: false, ready: false).wait
      _(sidekiq.redis { |redis| redis.get("kills") }).must_equal "2"
      _(sidekiq.working.values.flatten.first["interrupted_count"]).must_equal 1
    end

    it "is quieted by Sidekiq::Web" do
      RubyWorker.new(services, queues: ["default"])
      web = SidekiqWeb.new(sidekiq)
      _(Net::HTTP.get(URI("#{web.url}/busy"))).must_include sidekiq.processes.first["identity"]
      _(web.quiet(sidekiq.processes.first["identity"]).status).must_equal 302
      wait_until(what: "quiet") { sidekiq.processes.first["quiet"] == "true" }
    ensure
      web&.stop
    end
  end

  describe "the fake GitHub" do
    it "serves data and faults" do
      github = FakeGithub.new(services.folder, "--generate", "octo/demo:labels=3,seed=1")
      labels = URI("#{github.url}/api/v3/repos/octo/demo/labels")
      github.fault("match" => "/repos/octo/demo/labels", "status" => 502, "times" => 1)
      _(Net::HTTP.get_response(labels).code).must_equal "502"
      _(JSON.parse(Net::HTTP.get(labels)).size).must_equal 3
      _(github.counters).must_be_kind_of Hash
      _(github.requests).wont_be_empty
      github.reset
      _(github.term.success?).must_equal true
    end
  end

  describe "the private services" do
    it "are as new after a reset" do
      insert_issue(1)
      database.query("CREATE TABLE work_item_types (id bigint)")
      SidekiqSide.new(services.redis).push("Spec::NoopWorker", [])
      services.redis.kill
      services.reset
      _(database.value("SELECT to_regclass('work_item_types')")).must_be_nil
      _(database.value("SELECT count(*) FROM issues")).must_equal "0"
      _(database.create_import("demo", import_source: "octo/demo").id).must_equal 1
      _(SidekiqSide.new(services.redis).everywhere).must_be_empty
    end

    it "keep their data over a restart and a kill" do
      services = start_services(appendonly: true)
      sidekiq = SidekiqSide.new(services.redis)
      database = GitlabDatabase.new(services.postgres)
      [false, true].each do |kill|
        sidekiq.redis { |redis| redis.incr("restarts") }
        database.create_user("user-#{kill}")
        services.redis.restart(kill: kill)
        services.postgres.restart(kill: kill)
        _(database.value("SELECT count(*) FROM users WHERE username = $1", "user-#{kill}")).must_equal "1"
      end
      _(sidekiq.redis { |redis| redis.get("restarts") }).must_equal "2"
    end

    it "end with their owner, also when it is killed" do
      folder = Dir.mktmpdir("hubferry")
      owner = spawn("sleep", "60")
      system(PrivateServices::COMMAND, "start", folder, "--owner", owner.to_s, out: File::NULL, exception: true)
      running = PrivateServices.new(folder).then { |services| [services.redis.pid, services.postgres.pid] }
      _(running.all? { |pid| ProcessTable.alive?(pid) }).must_equal true
      Process.kill(:KILL, owner)
      Process.wait(owner)
      wait_until(what: "the services stopped") { running.none? { |pid| ProcessTable.alive?(pid) } && !File.exist?(folder) }
    end
  end
end
