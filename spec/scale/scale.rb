# frozen_string_literal: true

# A big import watched from outside, behind script/scale.

require "etc"
require "optparse"
require_relative "../support/everything"
require_relative "../support/big_import"
require_relative "../support/disturbed_import"

class Scale
  ISSUES = 10_000
  OBJECTS_PER_USER = 5
  ALL_TYPES = %w[issue pull_request pull_request_review pull_request_merged_by diff_note note issue_event release_attachment note_attachment issue_attachment
                 merge_request_attachment lfs_object].freeze
  OF_PULLS = %w[pull_request pull_request_review pull_request_merged_by diff_note note merge_request_attachment].freeze
  OF_FILES = ALL_TYPES.grep(/_attachment|lfs/).freeze
  LOOK_EVERY = 0.2
  SHOW_EVERY = 5
  LONGEST = 3600
  SEED = Integer(ENV.fetch("SEED", 1))

  # reviews, review_comments: how many there are altogether; each pull request has as many on average.
  def initialize(issues:, pulls:, reviews:, review_comments:, attachments:, lfs:, mapped:, disturbed:)
    average = ->(count) { pulls.zero? ? 0 : (count.to_f / pulls).ceil }
    @objects = BigImport.objects(issues: issues, pulls: pulls, reviews: average[reviews], review_comments: average[review_comments],
                                 users: [(issues + pulls) / OBJECTS_PER_USER, 1].max, labels: 50, milestones: 20,
                                 attachments: attachments, lfs: lfs)
    @mapped = mapped
    @disturbed = disturbed
  end

  def run
    @services = PrivateServices.start(appendonly: @disturbed)
    @big = BigImport.new(@services, @objects, mapped: @mapped)
    puts "repository   #{describe(@big.scenario.github.counts(ImportScenario::REPOSITORY))}"
    @big.scenario.github.reset
    @disturbed ? import_disturbed : import
    compare
  ensure
    ChildProcess.kill_all
    @services&.stop
  end

  private

  def describe(counts)
    events = counts["timeline"].slice(*ExpectedImport::MergeRequestTimeline::SUPPORTED).except("commented", "reviewed").values.sum
    pulls = @objects[:pulls]
    ["#{counts["issues"]} issues, #{counts["comments"]} comments, #{events} events that are imported, #{@objects[:users]} users",
     *("#{pulls} pull requests, #{counts["reviews"]} reviews, #{counts["review_comments"]} comments on their diffs" if pulls.positive?),
     *("#{@objects[:attachments]} attached files, #{@objects[:lfs]} LFS objects" if files?)]
      .join("\n             ")
  end

  def types
    types = @objects[:pulls].zero? ? ALL_TYPES - OF_PULLS : ALL_TYPES
    files? ? types : types - OF_FILES
  end

  def files? = @objects.values_at(:attachments, :lfs).any?(&:positive?)

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def import
    hubferry = @big.scenario.start_hubferry(arguments: ["--log-level", "warn"])
    @started = @shown = now
    project = @big.schedule
    status = WaitUntil.wait_until(timeout: LONGEST, every: LOOK_EVERY, what: "the end of the import", details: -> { hubferry.tail }) do
      show_progress
      look(hubferry)
      state = @big.scenario.database.import_state(project)["status"]
      GitlabDatabase::COMPLETED.include?(state) && state
    end
    raise "the import is #{status}\n#{hubferry.tail}" unless status == "finished"

    report(now - @started)
  end

  def import_disturbed
    disturbed = DisturbedImport.new(@big.scenario, seed: SEED, pause: 2.0..6.0, concurrency: 10)
    @started = @shown = now
    disturbed.run(@big.schedule, timeout: LONGEST) { show_progress }
    puts format("time         %.1f s, %d kills, Redis and PostgreSQL restarted (seed %d)", now - @started, disturbed.kills, SEED)
    puts "GitHub       #{@big.scenario.github.counters["faults"]} faults"
    puts "interrupted  #{@big.scenario.sidekiq.interrupted.size} jobs given up"
  end

  # The highest memory is the kernel's own figure.
  def look(hubferry)
    @peak_memory = File.read("/proc/#{hubferry.pid}/status")[/VmHWM:\s+(\d+)/, 1].to_i / 1024
    times = File.read("/proc/#{hubferry.pid}/stat").split(") ").last.split.values_at(11, 12)
    @processor_seconds = times.sum(&:to_f) / Etc.sysconf(Etc::SC_CLK_TCK)
  end

  def show_progress
    return if now - @shown < SHOW_EVERY

    @shown = now
    counts = types.map { |type| "#{type} #{counter("imported", type)} of #{counter("fetched", type)}" }
    puts format("%8.0f s   %s", now - @started, counts.join(", "))
  end

  def counter(operation, type)
    @big.scenario.sidekiq.redis { |redis| redis.get("cache:gitlab:github-importer/object-counter/#{@big.project.id}/#{operation}/#{type}") }.to_i
  end

  def report(seconds)
    fetched = JSON.parse(@big.scenario.database.import_state(@big.project)["checksums"]).fetch("fetched").values_at(*types).compact.sum
    puts format("time         %.1f s from the push of the first job to `finished`", seconds)
    puts format("objects      %d jobs, %.0f a second", fetched, fetched / seconds)
    puts format("processor    %.1f s of hubferry's own", @processor_seconds)
    puts "memory       #{@peak_memory} MB at most"
    puts "GitHub       #{@big.scenario.github.counters["requests"].sort.map { |request, count| "#{count} x #{request}" }.join("\n             ")}"
  end

  def compare
    expected = @big.expected
    expected.tables.each { |table, rows| puts "expected     #{ExpectedImport::Comparison.digest(table, rows)}" }
    difference = @big.difference(expected)
    abort "DIFFERENT\n#{difference}" unless difference.empty?

    puts "rows         all as expected"
  end
end

$stdout.sync = true
options = { issues: Scale::ISSUES, pulls: 0, reviews: 0, review_comments: 0, attachments: 0, lfs: 0, mapped: true, disturbed: false }
parser = OptionParser.new("usage: script/scale [ISSUES]") do |option|
  { pulls: "pull requests", reviews: "reviews of them", review_comments: "comments on their diffs", attachments: "attached files",
    lfs: "LFS objects" }.each do |name, what|
    option.on("--#{name.to_s.tr("_", "-")} N", Integer, "how many #{what}") { |count| options[name] = count }
  end
  option.on("--unmapped", "contributed by existing users") { options[:mapped] = false }
  option.on("--disturbed", "with kills and faults") { options[:disturbed] = true }
end
numbers = parser.parse!(ARGV)
abort parser.help unless numbers.size <= 1 && numbers.all?(/\A\d+\z/)
options[:issues] = Integer(numbers.first) if numbers.any?
Scale.new(**options).run
