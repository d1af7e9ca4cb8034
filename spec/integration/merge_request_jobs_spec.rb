# frozen_string_literal: true

# The jobs of pull requests and of what people say about them, on the wire as in representations_spec.rb: what hubferry schedules, Ruby
# can execute, the texts of the jobs are what Ruby itself would write, and the database is the same whoever executes them.
# Ruby's importers are those of spec/ruby/import/; they tell the diffs by git's command line.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "jobs of pull requests" do
  CLASSES = %w[ImportPullRequestWorker ImportDiffNoteWorker ImportIssueEventWorker].map { |name| "Gitlab::GithubImport::#{name}" }.freeze
  OBJECTS = "objects"
  RULES = [["worker_name=#{CLASSES.join(",")}", OBJECTS], *GitlabSidekiq::Router::DEFAULT_RULES].freeze
  GENERATED = { labels: 6, milestones: 3, issues: 4, pulls: 40, branches: 2, events: 6, comments: 2, reviews: 3, review_comments: 4, users: 12,
                seed: 11 }.freeze

  let(:scenario) { ImportScenario.new(shared_services, objects: GENERATED) }
  let(:checked) { Hash.new(0) }

  # A hubferry that executes the stages, whose jobs of objects go to a queue of their own.
  def start_hubferry(*queues, **options)
    config = GitlabConfig.new(Dir.mktmpdir("routed", scenario.services.folder), scenario.services, storage: scenario.config.storage,
                                                                                                 routing_rules: RULES)
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

  def schedule(path)
    scenario.schedule_import(path).tap { |project| know_people(project) }
  end

  # What is in the database when the import is done.
  def finish(project, *processes)
    details = -> { processes.map { |process| process.tail(5) } }
    status = scenario.database.wait_for_import(project, timeout: 240, details: details) do
      scenario.sidekiq.make_due
      check_texts
      _(scenario.sidekiq.retries.map { |entry| entry.job.values_at("class", "error_class", "error_message") }).must_be_empty
    end
    _(status).must_equal "finished"
    processes.each(&:term)
    forget_marks
    scenario.outcome(project)
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
end
