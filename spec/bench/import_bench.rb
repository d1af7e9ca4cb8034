# frozen_string_literal: true

require_relative "../demo/table"
require_relative "copy_floor"
require_relative "import_repository"
require_relative "import_target"

# Import of issues, comments and events: jobs as GitLab's Ruby pushes them in, rows in PostgreSQL and effects in Redis out.
class ImportBench
  CONCURRENCY = 20
  RUBY_ISSUES = 400
  SETTINGS = %w[server_version fsync synchronous_commit full_page_writes shared_buffers max_wal_size].freeze

  # issues: how many hubferry imports. Ruby imports fewer, and hubferry the same ones, to compare the rows.
  def initialize(issues, ruby_issues: [issues, RUBY_ISSUES].min)
    @issues = issues
    @ruby_issues = ruby_issues
    @services = PrivateServices.start
    @sidekiq = SidekiqSide.new(@services.redis)
  end

  def run
    introduce
    ruby, expected = import(@ruby_issues) { start_ruby }
    _, outcome = import(@ruby_issues) { start_hubferry }
    compare(expected, outcome)
    hubferry, = import(@issues, outcome: false) { start_hubferry }
    floor = CopyFloor.new(target.database, @services.postgres.folder).run { checkpoint }
    report(ruby, hubferry, floor)
  ensure
    ChildProcess.kill_all
    @services.stop
  end

  private

  attr_reader :target

  def introduce
    puts "Import of issues and comments", ""
    puts "Jobs as GitLab's Ruby pushes them; one process each with #{CONCURRENCY} threads; all people, labels and milestones are known, so"
    puts "nobody asks GitHub. Ruby imports #{@ruby_issues} issues with their comments and events, hubferry #{@issues}."
    puts "PostgreSQL with GitLab's indexes and triggers; the same for all, in this run: #{settings}", ""
  end

  def settings
    database = GitlabDatabase.new(@services.postgres)
    SETTINGS.map { |name| "#{name} #{database.value("SELECT current_setting($1)", name)[/\S+/]}" }.join(", ")
  ensure
    database.close
  end

  # Returns the jobs a second by stage, and the outcome.
  def import(issues, outcome: true)
    @services.reset
    @target = ImportTarget.new(@services, @sidekiq)
    target.push(ImportRepository.new(issues))
    target.database.query("ANALYZE")
    process = yield
    sleep 1
    rates = target.waiters.to_h { |stage, (_, jobs)| [stage, jobs / stage_seconds(stage, process)] }
    process.term
    raise "the import left failures: #{target.import_failures.first}\n#{process.tail}" if target.import_failures.any?

    [rates, outcome && target.outcome]
  end

  def stage_seconds(stage, process)
    checkpoint
    started = now
    target.release(stage)
    process.wait_until("all #{stage} imported", timeout: 900) do
      raise "a job failed: #{@sidekiq.retries.first.job}\n#{process.tail}" if @sidekiq.retries.any?

      target.done?(stage)
    end
    now - started
  end

  def checkpoint = target.database.query("CHECKPOINT")

  def start_ruby
    RubyWorker.new(@services, queues: [ImportTarget::QUEUE], concurrency: CONCURRENCY, boot: "import_workers.rb",
                              environment: { "LOG_LEVEL" => "warn" })
  end

  def start_hubferry
    HubferryProcess.new(@services, queues: [ImportTarget::QUEUE], concurrency: CONCURRENCY, arguments: ["--log-level", "warn"])
  end

  def compare(expected, outcome)
    return puts("Ruby and hubferry have written the same #{expected.lines.size} rows and counters.", "") if expected == outcome

    missing, unexpected = expected.lines - outcome.lines, outcome.lines - expected.lines
    abort ["Ruby and hubferry have written different rows:", *missing.first(5).map { |line| "Ruby     #{line}" },
           *unexpected.first(5).map { |line| "hubferry #{line}" }].join("\n")
  end

  def report(ruby, hubferry, floor)
    lines = hubferry.map do |stage, rate|
      jobs = target.waiters.fetch(stage).last
      rows, seconds = floor.fetch(stage)
      [stage, jobs, format("%.1f", rows.to_f / jobs), (rows / seconds).round, (rate * rows / jobs).round, format("%.2f", rate * seconds / jobs),
       rate.round, ruby.fetch(stage).round, format("%.0f", rate / ruby.fetch(stage))]
    end
    puts Table.new(["", "jobs", "rows/job", "COPY rows/s", "hubferry rows/s", "of COPY", "hubferry jobs/s", "Ruby jobs/s", "times Ruby"], lines), ""
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
