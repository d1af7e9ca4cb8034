# frozen_string_literal: true

# The demonstration behind script/demo: one import, watched from outside.

require "fileutils"
require_relative "../support/everything"
require_relative "../support/import_scenario"
require_relative "table"

class Demo
  FOLDER = File.expand_path("../../build/demo", __dir__)
  OBJECTS = { labels: 40, milestones: 12, releases: 30, issues: 300, pulls: 80, comments: 4, events: 8, collaborators: 9, branches: 12,
              users: 60, seed: 19 }.freeze
  # What each kind of object becomes in GitLab's database.
  KINDS = {
    "label" => "SELECT id FROM labels WHERE project_id = $1",
    "milestone" => "SELECT id FROM milestones WHERE project_id = $1",
    "release" => "SELECT id FROM releases WHERE project_id = $1",
    "collaborator" => "SELECT id FROM members WHERE source_id = $1 AND source_type = 'Project' " \
                      "UNION ALL SELECT id FROM import_placeholder_memberships WHERE project_id = $1",
    "issue" => "SELECT id FROM issues WHERE project_id = $1",
    "note" => "SELECT id FROM notes WHERE project_id = $1 AND NOT system",
    "issue_event" => <<~SQL
      SELECT id FROM notes WHERE project_id = $1 AND system
      UNION ALL SELECT e.id FROM resource_state_events e JOIN issues ON issues.id = e.issue_id WHERE issues.project_id = $1
      UNION ALL SELECT e.id FROM resource_label_events e JOIN issues ON issues.id = e.issue_id WHERE issues.project_id = $1
      UNION ALL SELECT e.id FROM resource_milestone_events e JOIN issues ON issues.id = e.issue_id WHERE issues.project_id = $1
    SQL
  }.freeze
  ISSUES = <<~SQL
    SELECT iid, left(issues.title, 44) AS title, CASE state_id WHEN 1 THEN 'opened' ELSE 'closed' END AS state, users.name AS author,
           (SELECT count(*) FROM label_links WHERE target_id = issues.id AND target_type = 'Issue') AS labels,
           (SELECT count(*) FROM notes WHERE noteable_id = issues.id AND noteable_type = 'Issue' AND NOT system) AS comments,
           (SELECT count(*) FROM notes WHERE noteable_id = issues.id AND noteable_type = 'Issue' AND system)
             + (SELECT count(*) FROM resource_state_events WHERE issue_id = issues.id)
             + (SELECT count(*) FROM resource_label_events WHERE issue_id = issues.id)
             + (SELECT count(*) FROM resource_milestone_events WHERE issue_id = issues.id) AS events
    FROM issues JOIN users ON users.id = author_id WHERE project_id = $1 ORDER BY comments DESC, iid LIMIT 5
  SQL

  def run(keep:)
    step("starting a private Redis and a private PostgreSQL with GitLab's schema") { @services = PrivateServices.start }
    step("starting a fake GitHub with #{OBJECTS[:issues]} issues and a git repository") do
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
    rows = KINDS.map do |type, query|
      [type, counts["fetched"][type], counts["imported"][type], @scenario.database.query(query, @project.id).size]
    end
    refs = @scenario.refs(@project).lines
    puts "", Table.new(["objects", "fetched", "imported", "rows in GitLab's database"], rows), ""
    puts "An event about what is not there (a deleted milestone, an issue of another repository) leaves no row.", ""
    issues = @scenario.database.rows(ISSUES, @project.id)
    puts Table.new(%w[issue title state author labels comments events], issues, left: [0, 1, 2, 3]), ""
    puts "people       #{people("import_source_users")} GitHub users, mapped to #{people("import_source_users WHERE placeholder_user_id IS NOT NULL")} " \
         "placeholder users; #{people("import_source_user_placeholder_references")} contributions to reassign"
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

  def people(what) = @scenario.database.value("SELECT count(*) FROM #{what}")

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
