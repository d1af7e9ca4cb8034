# frozen_string_literal: true

# The jobs of attachments as hubferry's stage schedules them: those that Ruby would schedule for the same records, byte by byte.

require_relative "../support/harness"
require_relative "../support/import_scenario"
require_relative "../ruby/gitlab_sidekiq"
require_relative "../ruby/import/attachments"

describe "the stage of attachments" do
  NoteText = Gitlab::GithubImport::Representation::NoteText
  GITHUB = "https://github.com"
  WORKERS = { "Release" => "ImportReleaseWorker", "Note" => "ImportNoteWorker", "Issue" => "ImportIssueWorker",
              "MergeRequest" => "ImportMergeRequestWorker" }.transform_values { |name| "Gitlab::GithubImport::Attachments::#{name}" }.freeze
  JOBS, NEXT = "jobs", "next"
  RULES = [["worker_name=#{WORKERS.values.join(",")}", JOBS], ["worker_name=Gitlab::GithubImport::AdvanceStageWorker", NEXT],
           *GitlabSidekiq::Router::DEFAULT_RULES].freeze

  TEXTS = [
    "see ![x](#{GITHUB}/user-attachments/assets/75334fd4) \u{1F680} é \u2028 </script> \u007F \\ \"quoted\"\t\r\n",
    "#{GITHUB}/user-attachments/assets/75334fd4",
    "- (#{GITHUB}/a) and\n  #{GITHUB}/b_c_.\n> [x](#{GITHUB}/acme/rocket/files/1/a.pdf)",
    "[x](#{GITHUB}/acme/rocket/issues/1) ![y](https://example.com/a.png)",
    "https://example.com/ #{GITHUB}/b",
    "![x](#{Gitlab::GithubImport::Attachments::CDN}1/a.pdf) `#{Gitlab::GithubImport::Attachments::CDN}1/a.png`",
    "[x][1]\n\n[1]: #{GITHUB}/acme/rocket/blob/main/a.md",
    "    #{GITHUB}/code", "nothing", "", nil
  ].freeze

  let(:services) { shared_services }
  let(:database) { GitlabDatabase.new(services.postgres) }
  let(:sidekiq) { SidekiqSide.new(services.redis) }
  let(:config) { GitlabConfig.new(Dir.mktmpdir("config", services.folder), services, routing_rules: RULES) }
  let(:project) { @project ||= database.create_import("rocket", import_source: "acme/rocket", data: ImportScenario::WITH_ATTACHMENTS) }

  def create_records
    TEXTS.each.with_index(1) do |text, number|
      database.query("INSERT INTO releases (tag, project_id, author_id, description, created_at, updated_at, released_at) " \
                     "VALUES ($3, $1, 1, $2, now(), now(), now())", project.id, text, "v#{number}")
      database.query("INSERT INTO notes (project_id, noteable_type, noteable_id, author_id, note, system, created_at, updated_at) " \
                     "VALUES ($1, 'Issue', 1, 1, $2, $3, now(), now())", project.id, text || "null", number == 2)
      database.query("INSERT INTO issues (iid, title, project_id, namespace_id, author_id, work_item_type_id, description, created_at, updated_at) " \
                     "SELECT $3, 'Pump leaks', id, project_namespace_id, 1, 1, $2, now(), now() FROM projects WHERE id = $1",
                     project.id, text, TEXTS.size - number + 1)
      database.query("INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id, author_id, description, " \
                     "created_at, updated_at) VALUES ($3, 'Mend it', 'main', 'topic', $1, 1, $2, now(), now())", project.id, text, number)
    end
  end

  def records(sql) = database.query(sql, project.id).map { |row| row.to_h { |name, value| [name, %w[id iid].include?(name) ? value.to_i : value] } }

  # What Ruby selects, in its order.
  def representations
    { "Release" => records("SELECT id, description AS text, tag FROM releases WHERE project_id = $1 ORDER BY id"),
      "Note" => records("SELECT id, note AS text FROM notes WHERE project_id = $1 AND NOT system ORDER BY id"),
      "Issue" => records("SELECT id, description AS text, iid FROM issues WHERE project_id = $1 ORDER BY iid"),
      "MergeRequest" => records("SELECT id, description AS text, iid FROM merge_requests WHERE target_project_id = $1 ORDER BY iid") }
      .to_h { |type, rows| [type, rows.map { |row| NoteText.from_db_record(row, type) }.select { |text| text.attachments?(GITHUB) }] }
  end

  def queued(queue) = sidekiq.redis { |redis| redis.lrange("queue:#{queue}", 0, -1) }.reverse

  def run_stage
    database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", project.id)
    sidekiq.push("Gitlab::GithubImport::Stage::ImportAttachmentsWorker", [project.id])
    hubferry = HubferryProcess.new(services, queues: [ImportScenario::QUEUE], config: config)
    wait_until(what: "the end of the stage", details: -> { hubferry.tail }) { queued(NEXT).any? }
  end

  it "schedules what Ruby would schedule" do
    create_records
    run_stage
    waiters = JSON.parse(queued(NEXT).first).fetch("args").fetch(1)
    expected = representations.zip(waiters.keys).flat_map do |(type, texts), waiter|
      texts.map { |text| [WORKERS.fetch(type), JSON.generate([project.id, text.to_hash, waiter])] }
    end
    _(expected).wont_be_empty
    _(queued(JOBS).map { |job| [JSON.parse(job)["class"], JSON.generate(JSON.parse(job)["args"])] }).must_equal expected
    _(queued(JOBS).map { |job| JSON.generate(JSON.parse(job)) }).must_equal queued(JOBS)
    _(waiters.values).must_equal representations.values.map(&:size)
    _(JSON.parse(queued(NEXT).first).fetch("args").last).must_equal "protected_branches"
  end
end
