# frozen_string_literal: true

# The stages that GitLab 16 and 17 have for pull requests before the timeline: whoever merged, review requests, reviews.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "the stages of pull requests of older GitLabs" do
  let(:scenario) { ImportScenario.new(shared_services) }
  let(:database) { scenario.database }

  # An import that has come to the stage `pull_requests_merged_by`: its repository and its merge requests are there.
  def import(data = {})
    scenario.github.repository("full_name" => "octo/review", "generate" => "pulls=12,reviews=3,users=5")
    @project = scenario.schedule_import("review", repository: "octo/review", data: GitlabDatabase::IMPORT_DATA.merge(data))
    scenario.sidekiq.redis { |redis| redis.del("queue:github_importer") }
    database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", @project.id)
    scenario.create_repository(@project)
    pulls.each { |pull| create_merge_request(pull) }
    @asked_before = scenario.github.requests.size
    scenario.sidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [@project.id, {}, "pull_requests_merged_by"])
    hubferry = scenario.start_hubferry
    _(database.wait_for_import(@project, details: -> { hubferry.tail })).must_equal "finished"
  end

  def create_merge_request(pull)
    state = pull["merged_at"] ? 3 : { "open" => 1, "closed" => 2 }.fetch(pull["state"])
    database.query("INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id, source_project_id, author_id, " \
                   "state_id, lock_version, created_at, updated_at) SELECT $2, 'Pull', 'main', 'topic', id, id, creator_id, $3, 0, now(), now() " \
                   "FROM projects WHERE id = $1", @project.id, pull["number"], state)
  end

  def github(path)
    JSON.parse(Net::HTTP.get(URI("#{scenario.github.url}/api/v3/repos/octo/review/#{path}"), "Authorization" => "token #{ImportScenario::TOKEN}"))
  end

  def pulls = @pulls ||= github("pulls?state=all&per_page=100")
  def merged = pulls.select { |pull| pull["merged_at"] }
  def reviews = @reviews ||= pulls.flat_map { |pull| github("pulls/#{pull["number"]}/reviews?per_page=100") }

  def rows(sql) = database.query(sql, @project.id).map(&:values)

  # How often each of the stages' endpoints was asked for.
  def asked_for
    paths = scenario.github.requests.drop(@asked_before).map { |request| request["path"] }
    [%r{/pulls/\d+(\?|$)}, %r{/pulls/\d+/requested_reviewers}, %r{/pulls/\d+/reviews}].map { |pattern| paths.grep(pattern).size }
  end

  # A review whose body is null is one that Ruby stumbles over too; the timeline brings it afterwards.
  def assert_reviews_imported_once
    texts = rows("SELECT note FROM notes WHERE project_id = $1 AND NOT system AND note LIKE '**Review:**%'")
    _(texts.size).must_equal(reviews.count { |review| !review["body"].to_s.empty? })
    _(rows("SELECT count(*) FROM notes JOIN system_note_metadata m ON m.note_id = notes.id WHERE project_id = $1 AND action = 'approved'"))
      .must_equal rows("SELECT count(*) FROM approvals WHERE project_id = $1")
  end

  it "ask GitHub for each merge request and import what the timeline brings too only once" do
    import
    _(asked_for).must_equal [merged.size, pulls.size, pulls.size]
    assert_reviews_imported_once
    _([merged, reviews]).wont_include []
    _(rows("SELECT iid, merged_at IS NOT NULL FROM merge_requests m JOIN merge_request_metrics ON merge_request_id = m.id " \
           "WHERE m.target_project_id = $1 ORDER BY iid").map { |iid, at| [iid.to_i, at] })
      .must_equal(merged.map { |pull| [pull["number"], "t"] }.sort)
    _(rows("SELECT count(*) FROM merge_request_reviewers WHERE project_id = $1 AND state = 1").flatten.first.to_i).must_be :positive?
    _(database.import_failures(@project).map { |failure| failure["exception_class"] }.uniq - ["NoMethodError"]).must_equal []
  end

  it "only lead to the next stage where the import has extended events" do
    import("extended_events" => true)
    _(asked_for).must_equal [0, 0, 0]
    assert_reviews_imported_once
    _(rows("SELECT count(*) FROM merge_request_reviewers WHERE project_id = $1 AND state = 1").flatten).must_equal ["0"]
    _(database.import_failures(@project)).must_equal []
  end
end
