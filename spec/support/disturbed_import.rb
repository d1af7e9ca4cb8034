# frozen_string_literal: true

# An import by two hubferry processes while everything around it fails: the first fetches of the repository break off, one of the
# processes is killed again and again, Redis and PostgreSQL restart, GitHub sets primary and secondary rate limits and answers one
# request of a hundred with a 5xx or cuts it off; of those for attached files it is more.
class DisturbedImport
  # Before these stages are done a kill hits jobs that may be interrupted three times only, as in GitLab.
  UNDISTURBED = "Gitlab::GithubImport::Stage::ImportBaseDataWorker"
  REPOSITORY = "/repos/#{ImportScenario::REPOSITORY}"
  # Issues with their timelines, and pull requests with the comments on their diffs.
  ANSWERS = [
    { "match" => "#{REPOSITORY}/pulls*", "status" => 500, "skip" => 2, "times" => 1 },
    *%w[issues pulls].flat_map do |objects|
      match = { "match" => "#{REPOSITORY}/#{objects}*" }
      [{ **match, "percent" => 1, "status" => 502 },
       { **match, "percent" => 1, "truncate" => 60 },
       { **match, "percent" => 1, "status" => 500 },
       { **match, "rate_limit" => "primary", "reset_in" => 1, "skip" => 3, "times" => 1 },
       { **match, "rate_limit" => "secondary", "retry_after" => 1, "skip" => 12, "times" => 1 }]
    end
  ].freeze
  # An LFS object that cannot be downloaded is passed over, as in GitLab: only the list of them fails.
  FILES = [{ "match" => "*/assets/*", "status" => 429, "headers" => { "Retry-After" => "1" }, "skip" => 3, "times" => 1 },
           { "match" => "*/files/*", "percent" => 4, "status" => 502 },
           { "match" => "*/assets/*", "percent" => 2, "reset" => true },
           { "match" => "/_storage/attachments/*", "percent" => 2, "truncate" => 100 },
           { "match" => "/_storage/attachments/*", "percent" => 2, "status" => 503 },
           { "match" => "/_storage/attachments/*", "percent" => 2, "reset" => true },
           { "match" => "*/info/lfs/objects/batch", "status" => 500, "times" => 1 },
           { "match" => "/_storage/*", "percent" => 5, "delay_ms" => 300 }].freeze
  # The repository is fetched at the third attempt only.
  FETCHES = [{ "match" => "*/git-upload-pack", "reset" => true, "times" => 1 },
             { "match" => "*/git-upload-pack", "truncate" => 5000, "times" => 1 }].freeze

  attr_reader :kills

  # pause: seconds between two disturbances. The services must have been started with appendonly: true.
  def initialize(scenario, seed:, pause: 0.7..2.0, concurrency: 5)
    @scenario = scenario
    @random = Random.new(seed)
    @pause = pause
    @concurrency = concurrency
    @kills = 0
  end

  # Runs the scheduled import of a project to its end. The block, if any, is called again and again meanwhile.
  def run(project, timeout: 300, &meanwhile)
    @project = project
    @meanwhile = meanwhile
    (FETCHES + ANSWERS + FILES).each_with_index { |fault, i| @scenario.github.fault(fault.merge("seed" => i + 1)) }
    @workers = Array.new(2) { start_worker }
    wait_for_base_data
    disturb_until_completed(timeout)
    @scenario.github.clear_faults
    @workers.each(&:term)
    forget_failed_attempts
  end

  private

  def start_worker = @scenario.start_hubferry(concurrency: @concurrency)

  def wait_for_base_data
    WaitUntil.wait_until(every: 0.1, what: "the base data", details: -> { @workers.map { |worker| worker.tail(3) } }) do
      @scenario.sidekiq.make_due
      @workers.any? { |worker| worker.log.any? { |line| line["message"] == "stage finished" && line["import_stage"] == UNDISTURBED } }
    end
  end

  # Every attempt that failed is on record, rightly; an import that nobody disturbs has only the objects that cannot be imported.
  def forget_failed_attempts
    @scenario.database.query("DELETE FROM import_failures WHERE exception_class <> 'ActiveRecord::RecordInvalid'")
  end

  # A worker is killed at once; Redis and PostgreSQL fail once each, early; then it is the workers' turn.
  def disturb_until_completed(timeout)
    disturbances = [method(:kill_worker), method(:restart_redis), method(:kill_worker), method(:restart_postgres)]
    due = now
    WaitUntil.wait_until(timeout: timeout, every: 0.1, what: "the end of the import", details: -> { @workers.last.tail }) do
      @scenario.sidekiq.make_due
      @meanwhile&.call
      if now > due
        (disturbances.shift || method(:kill_worker)).call
        due = now + @random.rand(@pause)
      end
      completed?
    end
  end

  def completed?
    status = @scenario.database.import_state(@project)["status"]
    raise "the import is #{status}\n#{@workers.last.tail}" if %w[failed canceled].include?(status)

    status == "finished"
  end

  def kill_worker
    return if @scenario.sidekiq.endangered?

    victim = @workers.shift
    victim.kill
    @scenario.sidekiq.forget_process(victim.pid)
    @kills += 1
    @workers << start_worker
  end

  def restart_redis = @scenario.services.redis.restart(kill: true)
  def restart_postgres = @scenario.services.postgres.restart

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end
