# frozen_string_literal: true

# The stage of older GitLabs that imports comments by themselves: Gitlab::GithubImport::Stage::ImportNotesWorker.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "the notes stage" do
  let(:scenario) { ImportScenario.new(shared_services) }
  let(:database) { scenario.database }

  # An import that has come to the stage `notes`: its repository and its nine issues, with 27 comments, are there.
  def import(repository: {}, data: {})
    scenario.github.repository("full_name" => "octo/talk", "generate" => "issues=9,comments=3,users=4", **repository)
    @project = scenario.schedule_import("talk", repository: "octo/talk", data: GitlabDatabase::IMPORT_DATA.merge("pagination_limit" => 5, **data))
    scenario.sidekiq.redis { |redis| redis.del("queue:github_importer") }
    start
    yield if block_given?
    scenario.sidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [@project.id, {}, "notes"])
    hubferry = scenario.start_hubferry
    status = database.wait_for_import(@project, details: -> { hubferry.tail })
    _(status).must_equal "finished"
  end

  def start
    database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", @project.id)
    scenario.create_repository(@project)
    (1..9).each do |iid|
      database.query("INSERT INTO issues (iid, title, project_id, namespace_id, author_id, work_item_type_id, created_at, updated_at) " \
                     "SELECT $2, 'Issue', id, project_namespace_id, creator_id, 1, now(), now() FROM projects WHERE id = $1", @project.id, iid)
    end
  end

  # iid of the issue and text of each comment.
  def notes
    database.query("SELECT iid, note FROM notes JOIN issues ON issues.id = noteable_id AND noteable_type = 'Issue' " \
                   "WHERE notes.project_id = $1 AND NOT system ORDER BY iid, notes.created_at, note", @project.id).map(&:values)
  end

  def github_comments
    (1..9).flat_map do |iid|
      answer = Net::HTTP.get(URI("#{scenario.github.url}/api/v3/repos/octo/talk/issues/#{iid}/comments?per_page=100"), "Authorization" => "token #{ImportScenario::TOKEN}")
      JSON.parse(answer).map { |comment| [iid.to_s, comment["id"]] }
    end
  end

  def assert_all_imported_once
    _(notes.map(&:first)).must_equal github_comments.map(&:first)
    _(database.import_failures(@project)).must_equal []
    checksums = JSON.parse(database.import_state(@project)["checksums"])
    _([checksums["fetched"]["note"], checksums["imported"]["note"]]).must_equal [notes.size, notes.size]
  end

  # How often hubferry asked for the repository's comments, and for those of single issues.
  def asked_for
    paths = scenario.github.requests.map { |request| request["path"] }
    [paths.grep(%r{issues/comments}).size, paths.grep(%r{issues/\d+/comments}).size]
  end

  it "reads the comments of the whole repository" do
    import
    _(asked_for.last).must_equal 0
    assert_all_imported_once
  end

  it "asks issue by issue when the import says so" do
    import(data: { "optional_stages" => { "single_endpoint_notes_import" => true } })
    _(asked_for.first).must_equal 0
    assert_all_imported_once
  end

  it "asks issue by issue where GitHub lists no more comments of the repository" do
    import(repository: { "list_limit" => 10 })
    _(asked_for.map(&:positive?)).must_equal [true, true]
    assert_all_imported_once
  end

  it "leaves out what the timeline has scheduled" do
    comment = nil
    import do
      comment = github_comments.first
      scenario.sidekiq.redis { |redis| redis.sadd("cache:gitlab:github-importer/already-imported/#{@project.id}/issue_timeline", comment.last) }
    end
    _(notes.size).must_equal github_comments.size - 1
  end
end
