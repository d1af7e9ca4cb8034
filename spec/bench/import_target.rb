# frozen_string_literal: true

require "digest"
require "securerandom"
require_relative "../support/everything"
require_relative "import_repository"

# GitLab's side of a benchmarked import: a project whose import has come to its objects. Labels, milestones and people are there,
# and their ids in the finders' caches, so that nobody has to ask GitHub.
class ImportTarget
  QUEUE = "github_importer"
  CACHE = "cache:gitlab:github-import"
  FILLED = %w[users namespaces projects import_source_users labels milestones].freeze

  attr_reader :database, :project, :waiters

  # import: what else GitlabDatabase#create_import takes.
  def initialize(services, sidekiq, config, **import)
    @sidekiq = sidekiq
    @config = config
    @database = GitlabDatabase.new(services.postgres)
    @project = database.create_import("rocket", import_source: ImportRepository::NAME, **import)
    database.query("UPDATE project_mirror_data SET status = 'started', jid = 'bench' WHERE project_id = $1", project.id)
    create_people
    create_labels
    create_milestones
  end

  # Pushes the jobs of all stages as GitLab's scheduling does, and keeps them out of the workers' sight.
  def push(repository)
    repository.install(repository_path)
    @waiters = repository.objects.to_h do |stage, (class_name, objects)|
      key = "gitlab:job_waiter:#{SecureRandom.uuid}"
      GitlabSidekiq::Context.with(context(repository.class::CALLERS.fetch(stage))) { push_bulk(class_name, objects.map { |object| [project.id, object, key] }) }
      @sidekiq.redis { |redis| redis.rename("queue:#{QUEUE}", hidden(stage)) }
      [stage, [key, objects.size]]
    end
  end

  # What is there. PostgreSQL would read the tables that are still empty from end to end, also when they no longer are.
  def analyze = @database.query("ANALYZE #{FILLED.join(", ")}")

  def release(stage) = @sidekiq.redis { |redis| redis.rename(hidden(stage), "queue:#{QUEUE}") }

  def done?(stage)
    key, jobs = waiters.fetch(stage)
    @sidekiq.redis { |redis| redis.llen(key) } >= jobs
  end

  def import_failures = database.import_failures(project)

  # What an import leaves in PostgreSQL (all rows of the project, see ProjectDump) and for GitLab in Redis.
  def outcome
    database.dump(project, import_failures: true) + @sidekiq.redis do |redis|
      counters = redis.scan_each(match: "cache:gitlab:github-importer/object-counter/*", count: 10_000).sort.map { |key| "#{key} #{redis.get(key)}" }
      state = database.import_state(project)["id"]
      [*counters, "references #{redis.scard("cache:gitlab:placeholder-references:github:#{state}")}",
       "issues in cache #{redis.scan_each(match: "#{CACHE}/issuable-finder/*", count: 10_000).count}",
       *waiters.map { |stage, (key, _)| "#{stage} done #{redis.llen(key)}" }].join("\n")
    end
  end

  private

  def hidden(stage) = "bench:#{stage}"

  def push_bulk(class_name, list_of_args)
    options = GitlabSidekiq::WorkerOptions.of(class_name)
    list_of_args.each_slice(1000) { |slice| Sidekiq::Client.push_bulk(options.merge("class" => class_name, "args" => slice, "queue" => QUEUE)) }
  end

  def repository_path
    digest = Digest::SHA256.hexdigest(project.id.to_s)
    File.join(@config.storage, "@hashed", digest[0, 2], digest[2, 2], "#{digest}.git")
  end

  def context(caller)
    { "caller_id" => "Gitlab::GithubImport::Stage::#{caller}", "root_caller_id" => "POST /api/:version/import/github",
      "user" => "root", "user_id" => 1, "project" => project.full_path, "root_namespace" => "imports", "organization_id" => 1 }
  end

  def create_people
    database.query(<<~SQL, ImportRepository::USERS)
      INSERT INTO import_source_users (placeholder_user_id, namespace_id, created_at, updated_at, status, source_username, source_name,
                                       source_user_identifier, source_hostname, import_type)
      SELECT spec.create_user('contributor-' || number || '_placeholder', 'Placeholder ' || number, 15::smallint),
             (SELECT namespace_id FROM projects WHERE import_source = '#{ImportRepository::NAME}'), now(), now(), 0, 'contributor-' || number,
             'Contributor ' || number, (50000 + number)::text, 'https://github.com', 'github'
      FROM generate_series(0, $1::integer - 1) AS number
    SQL
  end

  def create_labels
    (0...ImportRepository::LABELS).each do |number|
      title = ImportRepository.label(number)
      remember("label-finder", title, database.value(<<~SQL, title, project.id))
        INSERT INTO labels (title, color, project_id, type, created_at, updated_at) VALUES ($1, '#fbca04', $2, 'ProjectLabel', now(), now())
        RETURNING id
      SQL
    end
  end

  def create_milestones
    (1..ImportRepository::MILESTONES).each do |iid|
      remember("milestone-finder", iid, database.value(<<~SQL, iid, project.id))
        INSERT INTO milestones (title, iid, project_id, state, created_at, updated_at)
        VALUES ('v' || $1::integer, $1::integer, $2, 'active', now(), now()) RETURNING id
      SQL
    end
  end

  def remember(finder, name, id) = @sidekiq.redis { |redis| redis.set("#{CACHE}/#{finder}/#{project.id}/#{name}", id, ex: 86_400) }
end
