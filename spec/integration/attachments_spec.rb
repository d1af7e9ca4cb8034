# frozen_string_literal: true

# The files that texts refer to are brought over, whoever schedules the jobs and whoever executes them, hubferry or Ruby: the same
# rows, the same texts, the same files, in a folder or in object storage. Ruby's importers are those of spec/ruby/import/.

require_relative "../support/harness"
require_relative "../support/import_scenario"
require_relative "../support/object_storage"

describe "attachments" do
  NAME = "octo/demo"
  TOKEN = "ghp_spec"
  GENERATED = { releases: 2, issues: 4, pulls: 4, branches: 1, comments: 2, reviews: 1, review_comments: 1, users: 4, attachments: 24,
                seed: 3 }.freeze
  # Beside the generated texts; each address is that of a picture.
  TEXTS = ["%1$s and `%1$s`", "[![x](%1$s)](%1$s \"again\")", "    %1$s\n\n![x][1]\n\n[1]: <%1$s>", "[no document](%1$s)",
           "<p>\n<IMG\n src=\"%1$s\">\n</p>", "1. > * ![é\u{1F680}](%1$s)\r\n\\![x](%1$s)", "```\n![code](%1$s)\n```", "<!-- ![x](%1$s) -->"].freeze
  STAGE = "Gitlab::GithubImport::Stage::ImportAttachmentsWorker"
  WORKERS = %w[Release Note Issue MergeRequest].map { |type| "Gitlab::GithubImport::Attachments::Import#{type}Worker" }.freeze
  HUBFERRY, RUBY, JOBS, NEXT = "hubferry", "ruby", "jobs", "next"
  RULES = [["worker_name=#{WORKERS.join(",")}", JOBS], ["worker_name=Gitlab::GithubImport::AdvanceStageWorker", NEXT],
           *GitlabSidekiq::Router::DEFAULT_RULES].freeze
  BUCKET = "uploads"

  let(:services) { shared_services }
  let(:database) { GitlabDatabase.new(services.postgres) }
  let(:sidekiq) { SidekiqSide.new(services.redis) }
  let(:github) do
    FakeGithub.new(services.folder, "--generate", "#{NAME}:#{GENERATED.map { |name, count| "#{name}=#{count}" }.join(",")}", "--token", TOKEN)
  end

  before { database.query("UPDATE application_settings SET allow_local_requests_from_web_hooks_and_services = true") }

  # --- the project before its attachments ---

  def create_project(path)
    project = database.create_import(path, import_source: NAME, import_url: github.import_url(NAME), token: TOKEN,
                                           data: ImportScenario::WITH_ATTACHMENTS)
    database.query("UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1", project.id)
    project.tap { create_records(project) }
  end

  def create_records(project)
    repository = JSON.parse(JSON.generate(github.dump["repositories"].first).gsub("{web}", github.url).gsub("{repository}", NAME))
    repository["releases"].each { |release| create_release(project, release) }
    issues, pulls = repository["issues"], repository["pulls"]
    (issues.map { |issue| issue["body"] } + texts).each.with_index(1) { |text, iid| create_issue(project, iid, text) }
    pulls.each.with_index(1) { |pull, iid| create_merge_request(project, iid, pull["body"]) }
    [*issues, *pulls].flat_map { |parent| parent.values_at("comments", "reviews", "review_comments").compact.flatten }
                     .each { |note| create_note(project, note["body"]) }
  end

  def texts
    picture = github.attachments(NAME).find { |file| file["content_type"] == "image/png" }
    TEXTS.map { |text| format(text, github.url + picture["path"]) }
  end

  def create_release(project, release)
    database.query("INSERT INTO releases (tag, project_id, author_id, description, created_at, updated_at, released_at) " \
                   "VALUES ($2, $1, 1, $3, now(), now(), now())", project.id, release["tag_name"], release["body"])
  end

  def create_issue(project, iid, text)
    database.query("INSERT INTO issues (iid, title, project_id, namespace_id, author_id, work_item_type_id, description, description_html, " \
                   "cached_markdown_version, created_at, updated_at) SELECT $2, 'Pump leaks', id, project_namespace_id, 1, 1, $3, 'old', 7, " \
                   "now(), '2020-01-01' FROM projects WHERE id = $1", project.id, iid, text)
  end

  def create_merge_request(project, iid, text)
    database.query("INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id, author_id, description, created_at, " \
                   "updated_at) VALUES ($2::int, 'Mend it', 'main', 'topic' || $2::int, $1, 1, $3, now(), '2020-01-01')", project.id, iid, text)
  end

  def create_note(project, text)
    database.query("INSERT INTO notes (project_id, noteable_type, noteable_id, author_id, note, created_at, updated_at) " \
                   "SELECT $1, 'Issue', min(id), 1, $2, now(), '2020-01-01' FROM issues WHERE project_id = $1", project.id, text || "")
  end

  # --- its stage and its jobs ---

  def start_hubferry(config, queues)
    HubferryProcess.new(services, queues: queues, config: config, concurrency: 4, arguments: ["--average-scheduled-poll-interval", "0.1"])
  end

  def start_ruby(queues, place)
    RubyWorker.new(services, queues: queues, concurrency: 2, boot: "import_workers.rb",
                             environment: { "ROUTING_RULES" => JSON.generate(RULES), "GITHUB_TOKEN" => TOKEN, **place })
  end

  # scheduler: HUBFERRY or RUBY. executors: who executes the jobs, of both. Returns the outcome.
  def import(path, scheduler:, executors:, storage: nil)
    config = GitlabConfig.new(Dir.mktmpdir("config", services.folder), services, routing_rules: RULES,
                                                                                overrides: storage ? { "gitlab.yml" => storage.gitlab_yml } : {})
    place = storage ? { "OBJECT_STORAGE" => "#{storage.endpoint}/#{BUCKET}" } : { "UPLOADS" => config.uploads }
    queues = [HUBFERRY, RUBY].to_h { |process| [process, executors.include?(process) ? [process, JOBS] : [process]] }
    hubferry = start_hubferry(config, queues[HUBFERRY])
    ruby = start_ruby(queues[RUBY], place) if [scheduler, *executors].include?(RUBY)
    outcome(run_stage(path, scheduler, [hubferry, *ruby]), config, storage).merge(by_hubferry: executed_by(hubferry))
  end

  def run_stage(path, scheduler, processes)
    project = create_project(path)
    sidekiq.push(STAGE, [project.id], queue: scheduler)
    wait_until(what: "the end of the jobs", timeout: 120, every: 0.1, details: -> { processes.map { |process| process.tail(5) } }) do
      sidekiq.make_due
      _(sidekiq.retries.map { |entry| entry.job.values_at("class", "error_class", "error_message") }).must_be_empty
      sidekiq.queue_size(NEXT).positive? && sidekiq.everywhere.none? { |job| WORKERS.include?(job["class"]) }
    end
    processes.each(&:term)
    project
  end

  # --- what came of them ---

  def outcome(project, config, storage)
    { dump: database.dump(project, import_failures: true), files: files(project, config, storage), counters: counters(project), waiters: waiters }
  end

  # Names and contents; the rows of uploads say where they are.
  def files(project, config, storage)
    folder = config.uploads_of(project)
    found = storage ? storage.objects(BUCKET) : contents(folder)
    names = database.query("SELECT path, size, store FROM uploads WHERE project_id = $1", project.id).map do |row|
      content = found.delete(row["path"])
      _(row.values_at("size", "store")).must_equal [content.bytesize.to_s, storage ? "2" : "1"]
      [File.basename(row["path"]), Digest::SHA256.hexdigest(content)]
    end
    _(found.keys.grep(/\A#{folder.delete_prefix("#{config.uploads}/")}|\A\h{32}/)).must_be_empty
    names.sort
  end

  def contents(folder)
    Dir.glob("**/*", File::FNM_DOTMATCH, base: folder).select { |path| File.file?(File.join(folder, path)) }
       .to_h { |path| [path, File.binread(File.join(folder, path))] }
  end

  def counters(project)
    sidekiq.redis do |redis|
      redis.scan_each(match: "cache:gitlab:github-importer/object-counter/#{project.id}/*").to_h { |key| [key[%r{\w+/\w+\z}], redis.get(key)] }
    end
  end

  # How many jobs the next stage waits for, and how many have told that they are done.
  def waiters
    _, waiters, next_stage = sidekiq.redis { |redis| JSON.parse(redis.rpop("queue:#{NEXT}"))["args"] }
    [next_stage, waiters.values, waiters.keys.map { |key| sidekiq.redis { |redis| redis.llen(key) } }]
  end

  def executed_by(hubferry) = hubferry.log.count { |line| WORKERS.include?(line["class"]) && line["job_status"] == "done" }

  def assert_same(expected, actual)
    _(ImportScenario.difference(expected[:dump], actual[:dump])).must_equal ""
    _(actual.slice(:files, :counters, :waiters)).must_equal expected.slice(:files, :counters, :waiters)
  end

  it "are the same whoever schedules and executes the jobs" do
    by_hubferry = import("hubferry", scheduler: HUBFERRY, executors: [HUBFERRY])
    generated = github.attachments(NAME).map { |file| file["sha256"] }
    _(by_hubferry[:files].map(&:last).uniq.sort).must_equal generated.uniq.sort
    _(by_hubferry[:waiters][1].sum).must_equal by_hubferry[:by_hubferry]

    by_ruby = import("ruby", scheduler: HUBFERRY, executors: [RUBY])
    _(by_ruby[:by_hubferry]).must_equal 0
    assert_same(by_hubferry, by_ruby)
    assert_same(by_hubferry, import("scheduled", scheduler: RUBY, executors: [HUBFERRY]))
  end

  it "are the same in object storage" do
    storage = ObjectStorage.new(Dir.mktmpdir("objects", services.folder), buckets: [BUCKET, "lfs"])
    by_hubferry = import("hubferry", scheduler: HUBFERRY, executors: [HUBFERRY], storage: storage)
    _(by_hubferry[:files].size).must_be :>, GENERATED[:attachments]
    assert_same(by_hubferry, import("both", scheduler: RUBY, executors: [HUBFERRY, RUBY], storage: storage))
  end
end
