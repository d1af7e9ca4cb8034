# frozen_string_literal: true

require_relative "../demo/table"
require_relative "copy_floor"
require_relative "cpu_use"
require_relative "import_target"

# Import of one kind of objects: jobs as GitLab's Ruby pushes them in, rows in PostgreSQL and effects in Redis out.
class ImportBench
  CONCURRENCY = 20
  CONCURRENCIES = [1, 2, 4, CONCURRENCY].freeze
  SETTINGS = %w[server_version fsync synchronous_commit full_page_writes shared_buffers max_wal_size].freeze

  # A stage that was imported: how fast, and the CPU time by process.
  Measure = Struct.new(:jobs, :seconds, :cpu) do
    def rate = jobs / seconds
    def cores(who) = cpu.fetch(who) / seconds
  end

  # kind: IssueRepository or PullRepository; number: how many of its objects hubferry imports. Ruby imports fewer, and hubferry the
  # same ones, to compare the rows.
  def initialize(kind, number, ruby_number:)
    @kind = kind
    @number = number
    @ruby_number = [number, ruby_number].min
    @services = PrivateServices.start
    @sidekiq = SidekiqSide.new(@services.redis)
    @config = GitlabConfig.new(File.join(@services.folder, "config"), @services)
  end

  def run
    introduce
    ruby, expected = import(@ruby_number) { start_ruby }
    _, outcome = import(@ruby_number) { start_hubferry }
    compare(expected, outcome)
    by_concurrency = CONCURRENCIES.to_h { |concurrency| [concurrency, import(@number, outcome: false) { start_hubferry(concurrency) }.first] }
    floor = CopyFloor.new(@kind, target.database, @services.postgres.folder).run { checkpoint }
    report(ruby, by_concurrency.fetch(CONCURRENCY), floor)
    report_scaling(by_concurrency)
    yield by_concurrency.fetch(CONCURRENCY) if block_given?
  ensure
    ChildProcess.kill_all
    @services.stop
  end

  private

  attr_reader :target

  def introduce
    puts "Import of #{@kind::TITLE}", ""
    puts "Jobs as GitLab's Ruby pushes them; one process each with #{CONCURRENCY} threads; all people, labels and milestones are known, so"
    puts "nobody asks GitHub. Ruby imports #{@ruby_number} of them with what belongs to them, hubferry #{@number}."
    puts "PostgreSQL with GitLab's indexes and triggers; the same for all, in this run: #{settings}", ""
  end

  def settings
    database = GitlabDatabase.new(@services.postgres)
    SETTINGS.map { |name| "#{name} #{database.value("SELECT current_setting($1)", name)[/\S+/]}" }.join(", ")
  ensure
    database.close
  end

  # Returns the measures by stage, and the outcome.
  def import(number, outcome: true)
    @services.reset
    prepare(number)
    target.analyze
    process = yield
    sleep 1
    measures = target.waiters.to_h { |stage, (_, jobs)| [stage, measure(stage, jobs, process)] }
    process.term
    raise "the import left failures: #{target.import_failures.first}\n#{process.tail}" if target.import_failures.any?

    [measures, outcome && target.outcome]
  end

  def prepare(number)
    @target = ImportTarget.new(@services, @sidekiq, @config)
    target.push(@kind.new(number))
  end

  def measure(stage, jobs, process)
    checkpoint
    cpu = CpuUse.new(process.pid, @services)
    before, started = cpu.seconds, now
    import_stage(stage, process)
    seconds = now - started
    Measure.new(jobs, seconds, cpu.seconds.to_h { |who, used| [who, used - before.fetch(who)] })
  end

  def import_stage(stage, process)
    target.release(stage)
    process.wait_until("all #{stage} imported", timeout: 900) do
      raise "a job failed: #{@sidekiq.retries.first.job}\n#{process.tail}" if @sidekiq.retries.any?

      target.done?(stage)
    end
  end

  def checkpoint = target.database.query("CHECKPOINT")

  def start_ruby
    RubyWorker.new(@services, queues: [ImportTarget::QUEUE], concurrency: CONCURRENCY, boot: "import_workers.rb",
                              environment: { "LOG_LEVEL" => "warn", "GITLAB_STORAGE" => @config.storage })
  end

  def start_hubferry(concurrency = CONCURRENCY)
    HubferryProcess.new(@services, queues: [ImportTarget::QUEUE], concurrency: concurrency, arguments: ["--log-level", "warn"], config: @config)
  end

  def compare(expected, outcome)
    return puts("Ruby and hubferry have written the same #{expected.lines.size} rows and counters.", "") if expected == outcome

    missing, unexpected = expected.lines - outcome.lines, outcome.lines - expected.lines
    abort ["Ruby and hubferry have written different rows:", *missing.first(5).map { |line| "Ruby     #{line}" },
           *unexpected.first(5).map { |line| "hubferry #{line}" }].join("\n")
  end

  def report(ruby, hubferry, floor)
    lines = hubferry.map do |stage, measure|
      jobs, rate, ruby_rate = measure.jobs, measure.rate, ruby.fetch(stage).rate
      rows, seconds = floor.fetch(stage)
      [stage, jobs, format("%.1f", rows.to_f / jobs), (rows / seconds).round, (rate * rows / jobs).round, format("%.2f", rate * seconds / jobs),
       rate.round, ruby_rate.round, format("%.0f", rate / ruby_rate)]
    end
    puts Table.new(["", "jobs", "rows/job", "COPY rows/s", "hubferry rows/s", "of COPY", "hubferry jobs/s", "Ruby jobs/s", "times Ruby"], lines), ""
  end

  def report_scaling(by_concurrency)
    puts "hubferry's threads, and how many of the machine's #{Etc.nprocessors} cores each process kept busy", ""
    stages = by_concurrency.values.first.keys
    lines = stages.flat_map do |stage|
      by_concurrency.map do |concurrency, measures|
        measure = measures.fetch(stage)
        [stage, concurrency, measure.rate.round, *%i[worker postgres redis].map { |who| format("%.2f", measure.cores(who)) }]
      end
    end
    puts Table.new(["", "threads", "jobs/s", "hubferry", "PostgreSQL", "Redis"], lines), ""
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
