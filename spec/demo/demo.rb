# frozen_string_literal: true

# The demonstration behind script/demo: one import, watched from outside.

require "fileutils"
require_relative "../support/everything"
require_relative "../support/import_scenario"
require_relative "outcome"

class Demo
  FOLDER = File.expand_path("../../build/demo", __dir__)
  OBJECTS = { labels: 40, milestones: 12, releases: 30, issues: 300, pulls: 80, comments: 4, events: 8, reviews: 2, review_comments: 4,
              collaborators: 9, branches: 12, attachments: 61, lfs: 20, users: 60, seed: 19 }.freeze

  def run(keep:)
    step("starting a private Redis and a private PostgreSQL with GitLab's schema") { @services = PrivateServices.start }
    what = "#{OBJECTS[:issues]} issues, #{OBJECTS[:pulls]} pull requests, #{OBJECTS[:attachments]} attached files and a git repository"
    step("starting a fake GitHub with #{what}") do
      @scenario = ImportScenario.new(@services, objects: OBJECTS)
    end
    step("starting hubferry") { @hubferry = @scenario.start_hubferry(concurrency: 10) }
    seconds = import
    report(seconds)
    save
    explore if keep
  ensure
    ChildProcess.kill_all
    @services&.stop
  end

  private

  def step(what)
    print "== #{what} ... "
    started = now
    yield
    puts format("%.1f s", now - started)
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def import
    puts "== Ruby's Sidekiq client pushes RepositoryImportWorker"
    started = now
    @project = @scenario.schedule_import(data: ImportScenario::WITH_ATTACHMENTS)
    status = File.open(@hubferry.output) { |log| watch(log, started) }
    raise "the import is #{status}:\n#{@hubferry.tail}" unless status == "finished"

    now - started
  end

  # The state that the import ends with.
  def watch(log, started)
    loop do
      state = @scenario.database.import_state(@project)["status"]
      show_stages(log)
      return state if GitlabDatabase::COMPLETED.include?(state)
      raise "nothing happens: see #{@hubferry.output}\n#{@hubferry.tail}" if now - started > 120

      sleep 0.05
    end
  end

  # Those that were finished since the last look. The last line may be written in part only.
  def show_stages(log)
    while (line = log.gets)
      return log.seek(-line.bytesize, IO::SEEK_CUR) unless line.end_with?("\n")

      puts "   #{line[/"import_stage":"Gitlab::GithubImport::Stage::(\w+)"/, 1]} done" if line.include?('"message":"stage finished"')
    end
  end

  def report(seconds)
    puts "", Outcome.new(@scenario, @project)
    puts format("time         %.2f s from the push of the first job to `finished`", seconds)
    puts "memory       #{peak_memory} MB at most"
    puts "GitHub       #{@scenario.github.requests.size} requests answered"
    puts "for Ruby     #{@scenario.sidekiq.queue("default").map { |job| job["class"] }.uniq.join(", ")}"
  end

  def peak_memory = File.read("/proc/#{@hubferry.pid}/status")[/VmHWM:\s+(\d+)/, 1].to_i / 1024

  def save
    FileUtils.rm_rf(FOLDER)
    FileUtils.mkdir_p(FOLDER)
    FileUtils.cp(@hubferry.output, File.join(FOLDER, "hubferry.log"))
    { storage: "repositories", uploads: "uploads", lfs_objects: "lfs-objects" }.each do |what, name|
      FileUtils.cp_r(@scenario.config.public_send(what), File.join(FOLDER, name))
    end
    File.write(File.join(FOLDER, "rows.txt"), @scenario.database.dump(@project))
    puts "", "Where to look:"
    puts "  build/demo/hubferry.log    the worker's log, one JSON object a line"
    puts "  build/demo/rows.txt        every row of the imported project"
    puts "  build/demo/repositories    the git repositories in GitLab's storage layout"
    puts "  build/demo/uploads         the attached files, build/demo/lfs-objects those of Git LFS, in GitLab's folders"
    puts "  README.md                  how to run hubferry beside a real GitLab"
  end

  def explore
    web = SidekiqWeb.new(@scenario.sidekiq)
    puts "", "Still running:"
    puts "  Sidekiq's Web UI   #{web.url}"
    puts "  Redis              redis-cli -s #{@services.redis.socket}"
    puts "  PostgreSQL         psql '#{@services.postgres.connection.map { |key, value| "#{key}=#{value}" }.join(" ")}'"
    puts "  fake GitHub        #{@scenario.github.url}/api/v3/repos/#{ImportScenario::REPOSITORY}"
    print "Press Enter to stop everything. "
    $stdin.gets
  end
end

Demo.new.run(keep: ARGV.include?("--keep"))
