# frozen_string_literal: true

# The files that texts refer to are brought over, whoever schedules the jobs and whoever executes them, hubferry or Ruby: the same
# rows, the same texts, the same files, in a folder or in object storage. Here each executes what the other one has scheduled.
# Ruby's importers are those of spec/ruby/import/.

require_relative "../support/harness"
require_relative "../support/import_scenario"
require_relative "../support/object_storage"

describe "attachments" do
  NAME = "octo/demo"
  TOKEN = "ghp_spec"
  GENERATED = { releases: 2, issues: 4, pulls: 4, branches: 1, comments: 2, reviews: 1, review_comments: 1, users: 4, attachments: 24,
                seed: 3 }.freeze
  # Beside the generated texts; each address is that of a picture. Ruby compresses the arguments of the longest one's job.
  TEXTS = ["%1$s and `%1$s`", "[![x](%1$s)](%1$s \"again\")", "    %1$s\n\n![x][1]\n\n[1]: <%1$s>", "[no document](%1$s)",
           "<p>\n<IMG\n src=\"%1$s\">\n</p>", "1. > * ![é\u{1F680}](%1$s)\r\n\\![x](%1$s)", "```\n![code](%1$s)\n```", "<!-- ![x](%1$s) -->",
           "#{"long " * 25_000}\n\n![x](%1$s)"].freeze
  STAGE = "Gitlab::GithubImport::Stage::ImportAttachmentsWorker"
  WORKERS = %w[Release Note Issue MergeRequest].map { |type| "Gitlab::GithubImport::Attachments::Import#{type}Worker" }.freeze
  # Queues: who listens to them. Nobody listens to the last one.
  HUBFERRY, RUBY, NEXT = "hubferry", "ruby", "next"
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

  # Whose jobs of attachments go to this queue.
  def rules(queue)
    [["worker_name=#{WORKERS.join(",")}", queue], ["worker_name=Gitlab::GithubImport::AdvanceStageWorker", NEXT],
     *GitlabSidekiq::Router::DEFAULT_RULES]
  end

  def write_config(storage)
    GitlabConfig.new(Dir.mktmpdir("config", services.folder), services, routing_rules: rules(RUBY),
                                                                       overrides: storage ? { "gitlab.yml" => storage.gitlab_yml } : {})
  end

  def start_hubferry(config)
    HubferryProcess.new(services, queues: [HUBFERRY], config: config, concurrency: 4, arguments: ["--average-scheduled-poll-interval", "0.1"])
  end

  def start_ruby(config, storage)
    place = storage ? { "OBJECT_STORAGE" => "#{storage.endpoint}/#{BUCKET}" } : { "UPLOADS" => config.uploads }
    RubyWorker.new(services, queues: [RUBY], concurrency: 2, boot: "import_workers.rb",
                             environment: { "ROUTING_RULES" => JSON.generate(rules(HUBFERRY)), "GITHUB_TOKEN" => TOKEN, **place })
  end

  # Two projects with the same records: hubferry and Ruby schedule, Ruby and hubferry execute. Their outcomes.
  def import(storage: nil)
    config = write_config(storage)
    processes = [start_hubferry(config), start_ruby(config, storage)]
    projects = [HUBFERRY, RUBY].map { |scheduler| create_project(scheduler).tap { |project| sidekiq.push(STAGE, [project.id], queue: scheduler) } }
    wait_for_jobs(processes)
    _(executed_by(processes.first)).must_equal jobs_of(projects.last)
    projects.map { |project| outcome(project, config, storage) }
  end

  # Ruby's semi-reliable fetch holds a job in no list for a moment: that there is none does not mean that all are done.
  def wait_for_jobs(processes)
    wait_until(what: "the end of the jobs", every: 0.1, details: -> { processes.map { |process| process.tail(5) } }) do
      sidekiq.make_due
      _(sidekiq.retries.map { |entry| entry.job.values_at("class", "error_class", "error_message") }).must_be_empty
      waiters = sidekiq.queue(NEXT).map { |job| job["args"][1] }
      waiters.size == 2 && waiters.all? { |counts| sidekiq.waiters_done?(counts) } &&
        sidekiq.everywhere.none? { |job| WORKERS.include?(job["class"]) }
    end
    processes.each(&:term)
  end

  # --- what came of them ---

  def outcome(project, config, storage)
    { dump: database.dump(project, import_failures: true), files: files(project, config, storage), counters: counters(project),
      waiters: waiters(project) }
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

  # Key and number of jobs of each waiter, and the stage that waits for them.
  def handed_over(project) = sidekiq.queue(NEXT).map { |job| job["args"] }.find { |id, *| id == project.id }.drop(1)
  def jobs_of(project) = handed_over(project).first.values.sum

  # How many jobs the next stage waits for, and how many have told that they are done.
  def waiters(project)
    waiters, next_stage = handed_over(project)
    [next_stage, waiters.values, waiters.keys.map { |key| sidekiq.redis { |redis| redis.llen(key) } }]
  end

  def executed_by(hubferry) = hubferry.log.count { |line| WORKERS.include?(line["class"]) && line["job_status"] == "done" }

  def assert_same(by_ruby, by_hubferry)
    _(ImportScenario.difference(by_ruby[:dump], by_hubferry[:dump])).must_equal ""
    _(by_hubferry.except(:dump)).must_equal by_ruby.except(:dump)
    _(by_hubferry[:files].map(&:last).uniq.sort).must_equal github.attachments(NAME).map { |file| file["sha256"] }.uniq.sort
  end

  it "are the same whoever schedules and executes the jobs" do
    assert_same(*import)
  end

  it "are the same in object storage" do
    assert_same(*import(storage: ObjectStorage.new(Dir.mktmpdir("objects", services.folder), buckets: [BUCKET, "lfs"])))
  end
end
