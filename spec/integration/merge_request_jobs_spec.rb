# frozen_string_literal: true

# The jobs of pull requests and of what people say about them, on the wire as in representations_spec.rb: what hubferry schedules, Ruby
# can execute, the texts of the jobs are what Ruby itself would write, and the database is the same whoever executes them.
# Ruby's importers are those of spec/ruby/import/; they tell the diffs by git's command line.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "jobs of pull requests" do
  CLASSES = %w[ImportPullRequestWorker ImportDiffNoteWorker ImportIssueEventWorker].map { |name| "Gitlab::GithubImport::#{name}" }.freeze
  # The stages of GitLab before merge requests' timelines told all of this, and the classes of their jobs.
  OLDER = { "ImportPullRequestsMergedByWorker" => "ImportMergedByWorker", "ImportPullRequestsReviewRequestsWorker" => "ImportReviewRequestWorker",
            "ImportPullRequestsReviewsWorker" => "ImportReviewWorker" }
          .to_h { |stage, worker| ["Gitlab::GithubImport::Stage::#{stage}", "Gitlab::GithubImport::PullRequests::#{worker}"] }.freeze
  ADVANCE = "Gitlab::GithubImport::AdvanceStageWorker"
  OBJECTS = "objects"
  NOBODYS = "nobodys"
  RULES = [["worker_name=#{[*CLASSES, *OLDER.values].join(",")}", OBJECTS], *GitlabSidekiq::Router::DEFAULT_RULES].freeze
  GENERATED = { labels: 6, milestones: 3, issues: 4, pulls: 40, branches: 2, events: 6, comments: 2, reviews: 3, review_comments: 4, users: 12,
                seed: 11 }.freeze

  let(:scenario) { ImportScenario.new(shared_services, objects: GENERATED) }
  let(:checked) { Hash.new(0) }

  # A hubferry that executes the stages, whose jobs of objects go to a queue of their own.
  def start_hubferry(*queues, rules: RULES, **options)
    config = GitlabConfig.new(Dir.mktmpdir("routed", scenario.services.folder), scenario.services, storage: scenario.config.storage,
                                                                                                 routing_rules: rules)
    HubferryProcess.new(scenario.services, queues: [ImportScenario::QUEUE, *queues], config: config,
                                           arguments: ["--average-scheduled-poll-interval", "0.2"], **options)
  end

  def start_ruby
    RubyWorker.new(scenario.services, queues: [OBJECTS], concurrency: 2, boot: "import_workers.rb",
                                      environment: { "ROUTING_RULES" => JSON.generate(RULES), "GITLAB_STORAGE" => scenario.config.storage })
  end

  # Everybody has a source user already, so that nobody has to ask GitHub.
  def know_people(project)
    scenario.github.dump["users"].each do |user|
      name = user["gone"] ? user["login"] : user["name"]
      scenario.database.query(<<~SQL, project.full_path[%r{\A[^/]+}], scenario.github.url, user["id"].to_s, user["login"], name)
        INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier, source_username, source_name,
                                         placeholder_user_id, status, created_at, updated_at)
        SELECT id, 'github', $2, $3, $4, $5, spec.create_user(path || '-' || $3, 'Placeholder', 15::smallint), 0, now(), now()
        FROM namespaces WHERE path = $1
      SQL
    end
  end

  # Those that wait now must be what Ruby itself would write, byte by byte.
  def check_texts
    scenario.sidekiq.redis { |redis| redis.lrange("queue:#{OBJECTS}", 0, 9) }.each do |text|
      job = JSON.parse(text)
      _(JSON.generate(job)).must_equal text
      checked[job["class"]] += 1
    end
  end

  # Which characters of a title are marked as changed is up to the diff's clean-up.
  def forget_marks
    scenario.database.query("UPDATE notes SET note = regexp_replace(note, '\\{[-+]|[-+]\\}', '', 'g') WHERE system")
  end

  # Who reviews a pull request twice becomes a reviewer, or approves, when one of the reviews is imported first.
  def forget_order(project)
    pulls = scenario.github.dump["repositories"].first["pulls"]
    pulls.each do |pull|
      pull["reviews"].map { |review| review["user"] }.tally.each do |login, reviews|
        forget_times(project, pull["number"], login) if reviews > 1
      end
    end
  end

  def forget_times(project, iid, login)
    merge_request = "(SELECT id FROM merge_requests WHERE target_project_id = $1 AND iid = $2)"
    people = "(SELECT id FROM users WHERE user_type = 5 AND $3::text IS NULL OR id IN (SELECT placeholder_user_id FROM import_source_users " \
             "WHERE source_username = $3::text))"
    ["merge_request_reviewers SET created_at = now() WHERE merge_request_id = #{merge_request} AND user_id",
     "approvals SET created_at = now(), updated_at = now() WHERE merge_request_id = #{merge_request} AND user_id",
     "notes SET created_at = now(), updated_at = now() WHERE note = 'approved this merge request' AND noteable_id = #{merge_request} AND author_id"]
      .each { |update| scenario.database.query("UPDATE #{update} IN #{people}", project.id, iid, login) }
  end

  def schedule(path)
    scenario.schedule_import(path).tap { |project| know_people(project) }
  end

  # What is in the database when the import is done.
  def finish(project, *processes)
    details = -> { processes.map { |process| process.tail(5) } }
    status = scenario.database.wait_for_import(project, details: details) do
      scenario.sidekiq.make_due
      check_texts
      _(scenario.sidekiq.retries.map { |entry| entry.job.values_at("class", "error_class", "error_message") }).must_be_empty
    end
    _(status).must_equal "finished"
    processes.each(&:term)
    forget_marks
    forget_order(project)
    scenario.outcome(project)
  end

  # Runs the import until its pull requests are there, and then the older stages one after the other.
  def run_older_stages(project, *processes)
    wait_for_objects(project, 1, processes)
    OLDER.each_key.with_index(2) do |stage, stages|
      scenario.sidekiq.push(stage, [project.id])
      wait_for_objects(project, stages, processes)
    end
    processes.each(&:term)
    forget_order(project)
    scenario.database.dump(project)
  end

  # Waits until so many stages want to hand over, which nobody does, and all jobs of theirs are done: not only in no list, as Ruby's
  # semi-reliable fetch has them for a moment.
  def wait_for_objects(project, stages, processes)
    wait_until(what: "the end of stage #{stages}", every: 0.1, details: -> { processes.map { |process| process.tail(5) } }) do
      scenario.sidekiq.make_due
      check_texts
      _(scenario.sidekiq.retries.map { |entry| entry.job.values_at("class", "error_class", "error_message") }).must_be_empty
      handing_over = scenario.sidekiq.queue(NOBODYS).map { |job| job["args"] }.select { |id, *| id == project.id }
      handing_over.size == stages && handing_over.all? { |_, counts| scenario.sidekiq.waiters_done?(counts) } &&
        scenario.sidekiq.everywhere.none? { |job| [*CLASSES, *OLDER.values].include?(job["class"]) }
    end
  end

  def executed_by(hubferry) = hubferry.log.count { |line| CLASSES.include?(line["class"]) && line["job_status"] == "done" }

  it "have the same outcome whoever executes them" do
    project = schedule("hubferry")
    by_hubferry = finish(project, start_hubferry(OBJECTS))
    _(scenario.database.value("SELECT count(*) FROM merge_requests")).must_equal GENERATED[:pulls].to_s

    project = schedule("ruby")
    hubferry, ruby = start_hubferry, start_ruby
    by_ruby = finish(project, hubferry, ruby)
    _(executed_by(hubferry)).must_equal 0
    _(ImportScenario.difference(by_hubferry, by_ruby)).must_equal ""
    _(checked.keys.sort).must_equal CLASSES.sort

    project = schedule("both")
    hubferry, ruby = start_hubferry(OBJECTS, concurrency: 1), start_ruby
    by_both = finish(project, hubferry, ruby)
    _(executed_by(hubferry)).must_be :>, 0
    _(ImportScenario.difference(by_hubferry, by_both)).must_equal ""
  end

  it "have the same outcome in the stages of older GitLabs" do
    rules = [["worker_name=#{ADVANCE}", NOBODYS], *RULES]
    project = schedule("hubferry")
    by_hubferry = run_older_stages(project, start_hubferry(OBJECTS, rules: rules))
    _(scenario.database.value("SELECT count(*) FROM merge_request_metrics").to_i).must_be :>, 0
    _(scenario.database.value("SELECT count(*) FROM merge_request_reviewers WHERE state = 0").to_i).must_be :>, 0
    _(scenario.database.value("SELECT count(*) FROM approvals").to_i).must_be :>, 0

    project = schedule("ruby")
    hubferry, ruby = start_hubferry(rules: rules), start_ruby
    by_ruby = run_older_stages(project, hubferry, ruby)
    _(ImportScenario.difference(by_hubferry, by_ruby)).must_equal ""
    _(checked.keys.sort).must_equal [CLASSES.first, *OLDER.values].sort
  end
end
