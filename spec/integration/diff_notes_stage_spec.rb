# frozen_string_literal: true

# Review comments in the stage Gitlab::GithubImport::Stage::ImportIssuesAndDiffNotesWorker: how they are listed, and their threads.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "the stage of issues and diff notes" do
  PULLS = (1..7)
  STAGE = "Gitlab::GithubImport::Stage::ImportIssuesAndDiffNotesWorker"

  let(:scenario) { ImportScenario.new(shared_services) }
  let(:database) { scenario.database }

  # An import that has come to the stage: its repository and its merge requests, with 9 review comments each, are there.
  def import(repository: {}, data: {})
    scenario.github.repository("full_name" => "octo/review", "generate" => "pulls=#{PULLS.size},review_comments=9,users=4", **repository)
    @project = scenario.schedule_import("review", repository: "octo/review", data: GitlabDatabase::IMPORT_DATA.merge("pagination_limit" => 5, **data))
    scenario.sidekiq.redis { |redis| redis.del("queue:github_importer") }
    start
    yield if block_given?
    scenario.sidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [@project.id, {}, "issues_and_diff_notes"])
    @hubferry = scenario.start_hubferry
    status = database.wait_for_import(@project, details: -> { @hubferry.tail })
    _(status).must_equal "finished"
  end

  def start
    database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", @project.id)
    scenario.create_repository(@project)
    PULLS.each do |iid|
      database.query("INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id, source_project_id, author_id, " \
                     "lock_version, created_at, updated_at) SELECT $2, 'Merge me', 'main', 'topic', id, id, creator_id, 0, now(), now() " \
                     "FROM projects WHERE id = $1", @project.id, iid)
    end
  end

  # GitLab before the newest, whose import lists the whole repository's comments.
  def make_older
    database.query("CREATE TABLE work_item_types (id bigint, base_type smallint)")
    yield
  ensure
    database.query("DROP TABLE work_item_types")
  end

  # How many notes each discussion has, by the merge request's iid.
  def discussions
    rows = database.query("SELECT iid, count(*) AS size FROM notes JOIN merge_requests m ON m.id = noteable_id AND noteable_type = 'MergeRequest' " \
                          "WHERE notes.project_id = $1 AND type IS NOT NULL GROUP BY iid, discussion_id", @project.id)
    rows.map { |row| [Integer(row["iid"]), Integer(row["size"])] }.sort
  end

  def github_comments
    @github_comments ||= PULLS.flat_map do |iid|
      answer = Net::HTTP.get(URI("#{scenario.github.url}/api/v3/repos/octo/review/pulls/#{iid}/comments?per_page=100"),
                             "Authorization" => "token #{ImportScenario::TOKEN}")
      JSON.parse(answer).map { |comment| [iid, comment["in_reply_to_id"] || comment["id"], comment["id"]] }
    end
  end

  def threads = github_comments.group_by { |iid, thread, _| [iid, thread] }.map { |(iid, _), comments| [iid, comments.size] }.sort

  def assert_all_imported_once
    _(discussions.sum(&:last)).must_equal github_comments.size
    _(discussions).must_equal threads
    _(database.import_failures(@project)).must_equal []
    checksums = JSON.parse(database.import_state(@project)["checksums"])
    _([checksums["fetched"]["diff_note"], checksums["imported"]["diff_note"]]).must_equal [github_comments.size] * 2
  end

  # How often hubferry asked for the repository's comments, and for those of single merge requests.
  def asked_for
    paths = scenario.github.requests.map { |request| request["path"] }
    [paths.grep(%r{pulls/comments}).size, paths.grep(%r{pulls/\d+/comments}).size]
  end

  # The importers that the stage says it runs, by their full names.
  def importers
    lines = @hubferry.log.select { |line| line["message"] == "starting importer" && line["import_stage"] == STAGE && !line.key?("parallel") }
    lines.map { |line| line["importer"].delete_prefix("Gitlab::GithubImport::Importer::") }
  end

  def merge_request_id(iid)
    database.query("SELECT id FROM merge_requests WHERE target_project_id = $1 AND iid = $2", @project.id, iid).first["id"]
  end

  def keys(pattern) = scenario.sidekiq.redis { |redis| redis.keys("cache:gitlab:github-importer/#{pattern}") }

  it "asks merge request by merge request" do
    import
    _(asked_for.first).must_equal 0
    _(importers).must_equal %w[IssuesImporter SingleEndpointDiffNotesImporter]
    assert_all_imported_once
  end

  it "leaves Ruby's keys behind" do
    import
    done = "cache:gitlab:github-importer/merge_request/diff_notes/already-imported/#{@project.id}"
    _(scenario.sidekiq.redis { |redis| redis.smembers(done) }.map(&:to_i).sort).must_equal PULLS.to_a
    counters = PULLS.map { |iid| "cache:gitlab:github-importer/page-counter/#{@project.id}/merge_request/#{merge_request_id(iid)}/pull_request_comments" }
    _(counters - keys("page-counter/*")).must_be_empty
    starters = github_comments.select { |_, thread, id| thread == id }
    expected = starters.map { |iid, _, id| "cache:gitlab:github-importer/discussion-id-map/review/#{iid}/#{id}" }
    _(expected - keys("discussion-id-map/*")).must_be_empty
  end

  it "goes on with the threads that Ruby has begun" do
    thread = nil
    import do
      iid, thread, = github_comments.first
      scenario.sidekiq.redis { |redis| redis.set("cache:gitlab:github-importer/discussion-id-map/review/#{iid}/#{thread}", "ab" * 20) }
    end
    notes = database.query("SELECT count(*) AS notes FROM notes WHERE discussion_id = $1", "ab" * 20).first["notes"]
    _(Integer(notes)).must_equal(github_comments.count { |_, other, _| other == thread })
  end

  it "reads the comments of the whole repository on an older GitLab" do
    make_older { import }
    _(asked_for.last).must_equal 0
    _(importers).must_equal %w[IssuesImporter DiffNotesImporter]
    assert_all_imported_once
  end

  it "asks merge request by merge request there when the import says so" do
    make_older { import(data: { "optional_stages" => { "single_endpoint_notes_import" => true } }) }
    _(asked_for.first).must_equal 0
    assert_all_imported_once
  end

  it "asks merge request by merge request where GitHub lists no more comments of the repository" do
    make_older { import(repository: { "list_limit" => 10 }) }
    _(asked_for.map(&:positive?)).must_equal [true, true]
    assert_all_imported_once
  end
end
