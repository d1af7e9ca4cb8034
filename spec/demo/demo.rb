# frozen_string_literal: true

# The demonstration behind script/demo: one import, watched from outside.

require "fileutils"
require_relative "../support/everything"
require_relative "../support/import_scenario"
require_relative "table"

class Demo
  FOLDER = File.expand_path("../../build/demo", __dir__)
  OBJECTS = { labels: 400, milestones: 60, releases: 120, issues: 200, pulls: 80, branches: 12, users: 40, seed: 19 }.freeze
  KINDS = { "label" => "labels", "milestone" => "milestones", "release" => "releases" }.freeze

  def run(keep:)
    step("starting a private Redis and a private PostgreSQL with GitLab's schema") { @services = PrivateServices.start }
    step("starting a fake GitHub with #{OBJECTS.values_at(:labels, :milestones, :releases).sum} objects and a git repository") do
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
    @project = @scenario.schedule_import
    shown = 0
    status = nil
    until status
      stages = @hubferry.log.select { |line| line["message"] == "stage finished" }
      stages.drop(shown).each { |line| puts "   #{line["import_stage"].delete_prefix("Gitlab::GithubImport::Stage::")} done" }
      shown = stages.size
      state = @scenario.database.import_state(@project)["status"]
      status = state if GitlabDatabase::COMPLETED.include?(state)
      raise "nothing happens: see #{@hubferry.output}\n#{@hubferry.tail}" if now - started > 120

      sleep 0.05 unless status
    end
    raise "the import is #{status}:\n#{@hubferry.tail}" unless status == "finished"

    now - started
  end

  def report(seconds)
    counts = JSON.parse(@scenario.database.import_state(@project)["checksums"])
    rows = KINDS.map do |type, table|
      [table, counts["fetched"][type], counts["imported"][type],
       @scenario.database.value("SELECT count(*) FROM #{table} WHERE project_id = $1", @project.id)]
    end
    refs = @scenario.refs(@project).lines
    puts "", Table.new(["objects", "fetched", "imported", "rows in GitLab's database"], rows), ""
    puts "repository   #{refs.grep(%r{ refs/heads/}).size} branches, #{refs.grep(%r{ refs/tags/}).size} tags, " \
         "#{refs.grep(%r{ refs/merge-requests/}).size} pull request heads, " \
         "#{@scenario.git(@scenario.repository_path(@project), "rev-list", "--all", "--count").to_i} commits, default branch #{refs.last[%r{refs/heads/(.*)}, 1]}"
    puts "wiki         #{@scenario.git(@scenario.repository_path(@project, ".wiki"), "rev-list", "--all", "--count").to_i} commits"
    puts "state        #{@scenario.database.import_state(@project)["status"]}, " \
         "#{@scenario.database.import_failures(@project).size} failures recorded"
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
    FileUtils.cp_r(@scenario.config.storage, File.join(FOLDER, "repositories"))
    File.write(File.join(FOLDER, "rows.txt"), @scenario.database.dump(@project))
    puts "", "Where to look:"
    puts "  build/demo/hubferry.log    the worker's log, one JSON object a line"
    puts "  build/demo/rows.txt        every row of the imported project"
    puts "  build/demo/repositories    the git repositories in GitLab's storage layout"
    puts "  README.md                  how to run hubferry beside a real GitLab"
  end

  def explore
    web = SidekiqWeb.new(@services)
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
