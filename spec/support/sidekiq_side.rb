# frozen_string_literal: true

require "json"
require "sidekiq"
require "sidekiq/api"
require_relative "../ruby/gitlab_sidekiq"

# The other end of the wire: Ruby's Sidekiq as a client of the private Redis, with GitLab's client middleware.
class SidekiqSide
  Entry = Struct.new(:score, :job, :text)

  # Key and payloads of all queues, working lists and sets, seen at one moment: what moves meanwhile is neither missing nor there twice.
  CONTENTS = <<~LUA
    local contents = {}
    for _, pattern in ipairs({'queue:*', 'working:queue:*'}) do
      for _, key in ipairs(redis.call('KEYS', pattern)) do
        table.insert(contents, {key, redis.call('LRANGE', key, 0, -1)})
      end
    end
    for _, set in ipairs({'retry', 'schedule', 'dead', 'interrupted'}) do
      table.insert(contents, {set, redis.call('ZRANGE', set, 0, -1)})
    end
    return contents
  LUA

  def initialize(redis)
    Sidekiq.logger.level = Logger::WARN
    Sidekiq.configure_client do |config|
      config.redis = { url: redis.url, size: 5 }
      GitlabSidekiq.install(config)
    end
  end

  def redis(&block) = Sidekiq.redis(&block)

  # Pushes a job as GitLab does; see GitlabSidekiq.push. Returns the jid.
  def push(class_name, args, **options) = GitlabSidekiq.push(class_name, args, **options)

  # Pushes many jobs quickly, without GitLab's middleware: for load. Returns the jids.
  def push_bulk(class_name, list_of_args, queue:, retry_count: 25)
    list_of_args.each_slice(1000).flat_map do |slice|
      now = Time.now.to_f
      jobs = slice.map do |args|
        { "class" => class_name, "args" => args, "queue" => queue, "retry" => retry_count, "jid" => SecureRandom.hex(12),
          "created_at" => now, "enqueued_at" => now }
      end
      redis do |redis|
        redis.sadd("queues", queue)
        redis.lpush("queue:#{queue}", jobs.map { |job| JSON.generate(job) })
      end
      jobs.map { |job| job["jid"] }
    end
  end

  # What Project#add_import_job does after the project was created: pushes RepositoryImportWorker and stores its jid.
  def push_import(project, database, user: "root", queue: nil)
    context = { "caller_id" => "POST /api/:version/import/github", "root_caller_id" => "POST /api/:version/import/github",
                "user" => user, "user_id" => 1, "project" => project.full_path, "root_namespace" => project.full_path[%r{\A[^/]+}],
                "client_id" => "user/1", "organization_id" => 1 }
    GitlabSidekiq::Context.with(context) do
      jid = push("RepositoryImportWorker", [project.id], queue: queue)
      database.query("UPDATE project_mirror_data SET jid = $2, correlation_id_value = $3 WHERE project_id = $1",
                     project.id, jid, GitlabSidekiq::Context.current["correlation_id"])
      jid
    end
  end

  # Jobs of a queue in the order in which they will be fetched.
  def queue(name) = redis { |redis| redis.lrange("queue:#{name}", 0, -1) }.reverse.map { |text| JSON.parse(text) }
  def queue_size(name) = redis { |redis| redis.llen("queue:#{name}") }

  def retries = entries("retry")
  def scheduled = entries("schedule")
  def dead = entries("dead")
  def interrupted = entries("interrupted")

  # Working lists by key.
  def working = parsed(contents.select { |key, _| working_list?(key) })

  # Every job there is, wherever it is: nothing may be missing from this but what Ruby's poller, clean-up or semi-reliable fetch has taken
  # out of one list and not yet put into the next.
  def everywhere = jobs_by_key.values.flatten

  def empty? = contents.values.all?(&:empty?)

  # Whether some job may not be interrupted any more: with the third time it is given up, as in GitLab. What is in the working list of
  # a process that was killed counts as interrupted only when the next process finds it.
  def endangered?
    jobs_by_key.any? { |key, jobs| jobs.any? { |job| job["interrupted_count"].to_i > (working_list?(key) ? 0 : 1) } }
  end

  # Process hashes as Sidekiq's API reads them; each has "identity", "pid", "busy", "quiet".
  def processes = Sidekiq::ProcessSet.new(false).to_a
  def process_of(pid) = processes.find { |process| process["pid"] == pid }

  # Whether all jobs of these waiters have reported; counts: key of the waiter => number of its jobs (AdvanceStageWorker's argument).
  def waiters_done?(counts) = counts.all? { |key, count| redis { |redis| redis.llen(key) } >= count }

  def processed = redis { |redis| redis.get("stat:processed") }.to_i
  def failed = redis { |redis| redis.get("stat:failed") }.to_i

  # Arguments with which a recording class (spec/ruby/recording_workers.rb) was performed.
  def performed(class_name) = redis { |redis| redis.lrange("spec:performed:#{class_name}", 0, -1) }.map { |text| JSON.parse(text) }

  # --- time travel ---

  # What the poller does with due jobs, now and for all jobs of the schedule and the retry set, or for those of one class.
  # Returns how many it pushed. RefreshImportJidWorker, which would only schedule itself again, is left unless named.
  def enqueue_all(class_name = nil)
    [Sidekiq::ScheduledSet.new, Sidekiq::RetrySet.new].flat_map(&:to_a).count do |entry|
      job_class = entry.item["class"]
      wanted = class_name ? job_class == class_name : !job_class.end_with?("RefreshImportJidWorker")
      wanted && entry.add_to_queue
    end
  end

  # The Web's "retry all".
  def retry_all = Sidekiq::RetrySet.new.retry_all

  # Makes scheduled and retried jobs due without moving them: the poller under test takes them.
  def make_due
    now = Time.now.to_f - 1
    %w[schedule retry].each do |set|
      entries(set).each { |entry| redis { |redis| redis.zadd(set, now, entry.text, xx: true) } }
    end
  end

  # As if a minute had passed since a process died: its working lists are recovered by the next clean-up, which may be soon.
  def forget_process(pid)
    redis do |redis|
      keys = redis.scan_each(match: "reliable-fetcher-heartbeat-*-#{pid}-*").to_a
      redis.del(*keys, "reliable-fetcher-cleanup-lock")
    end
  end

  private

  def contents = redis { |redis| redis.eval(CONTENTS) }.to_h
  def jobs_by_key = parsed(contents)
  def parsed(texts_by_key) = texts_by_key.transform_values { |texts| texts.map { |text| JSON.parse(text) } }
  def working_list?(key) = key.start_with?("working:")

  def entries(set)
    redis { |redis| redis.zrange(set, 0, -1, with_scores: true) }.map { |text, score| Entry.new(score, JSON.parse(text), text) }
  end
end
