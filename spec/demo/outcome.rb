# frozen_string_literal: true

require "json"
require_relative "table"

# What came of the demonstration's import, as text.
class Outcome
  RESOURCE_EVENTS = %w[resource_state_events resource_label_events resource_milestone_events].map do |table|
    "SELECT id FROM #{table} WHERE issue_id IN (SELECT id FROM issues WHERE project_id = $1) " \
      "OR merge_request_id IN (SELECT id FROM merge_requests WHERE target_project_id = $1)"
  end
  # What each kind of object becomes in GitLab's database.
  KINDS = {
    "label" => "SELECT id FROM labels WHERE project_id = $1",
    "milestone" => "SELECT id FROM milestones WHERE project_id = $1",
    "release" => "SELECT id FROM releases WHERE project_id = $1",
    "collaborator" => "SELECT id FROM members WHERE source_id = $1 AND source_type = 'Project' " \
                      "UNION ALL SELECT id FROM import_placeholder_memberships WHERE project_id = $1",
    "pull_request" => "SELECT id FROM merge_requests WHERE target_project_id = $1",
    "issue" => "SELECT id FROM issues WHERE project_id = $1",
    "diff_note" => "SELECT id FROM notes WHERE project_id = $1 AND type IN ('LegacyDiffNote', 'DiffNote')",
    "note" => "SELECT id FROM notes WHERE project_id = $1 AND NOT system AND type IS NULL AND note NOT LIKE '**Review:**%'",
    "issue_event" => [
      "SELECT id FROM notes WHERE project_id = $1 AND (system OR note LIKE '**Review:**%')",
      "SELECT id FROM approvals WHERE project_id = $1",
      "SELECT id FROM merge_request_reviewers WHERE project_id = $1",
      "SELECT id FROM merge_request_metrics WHERE target_project_id = $1",
      *RESOURCE_EVENTS
    ].join(" UNION ALL "),
    "protected_branch" => "SELECT id FROM protected_branches WHERE project_id = $1"
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
  # Of each state, where the branch comes from and where it goes, the ones that are talked about most.
  MERGE_REQUESTS = <<~SQL
    WITH talked_about AS (
      SELECT mr.*, (SELECT count(*) FROM notes WHERE noteable_id = mr.id AND noteable_type = 'MergeRequest' AND NOT system) AS comments
      FROM merge_requests mr WHERE target_project_id = $1
    ), chosen AS (
      SELECT DISTINCT ON (state_id, source_branch LIKE 'github/fork/%', target_branch = 'main') *
      FROM talked_about ORDER BY state_id, source_branch LIKE 'github/fork/%', target_branch = 'main', comments DESC, iid
    )
    SELECT '!' || iid, left(chosen.title, 28), (ARRAY['opened', 'closed', 'merged'])[state_id], source_branch || ' → ' || target_branch,
           commits_count, real_size, diff.state,
           (SELECT string_agg(DISTINCT users.name, ', ') FROM merge_request_reviewers JOIN users ON users.id = user_id
            WHERE merge_request_id = chosen.id),
           (SELECT count(*) FROM approvals WHERE merge_request_id = chosen.id), comments
    FROM chosen LEFT JOIN merge_request_diffs diff ON diff.id = latest_merge_request_diff_id ORDER BY chosen.iid
  SQL
  # The longest discussion that begins with a suggestion for a line of code, and of these the shortest text.
  THREAD = <<~SQL
    WITH talks AS (
      SELECT discussion_id, (array_agg(id ORDER BY created_at, id))[1] AS starter_id, count(*) AS notes, sum(length(note)) AS length
      FROM notes WHERE project_id = $1 AND type = 'DiffNote' GROUP BY discussion_id
    ), chosen AS (
      SELECT discussion_id FROM talks JOIN suggestions ON note_id = starter_id
      WHERE from_content LIKE 'int%' AND to_content LIKE 'int%' ORDER BY notes DESC, length, starter_id LIMIT 1
    )
    SELECT users.name AS author, notes.note, position, from_content, to_content, line_code,
           (SELECT iid FROM merge_requests WHERE id = noteable_id) AS iid
    FROM notes JOIN users ON users.id = author_id LEFT JOIN suggestions ON note_id = notes.id AND relative_order = 0
    WHERE discussion_id = (SELECT discussion_id FROM chosen) AND project_id = $1 ORDER BY notes.created_at, notes.id
  SQL

  def initialize(scenario, project)
    @scenario = scenario
    @database = scenario.database
    @project = project
  end

  def to_s = [objects, issues, merge_requests, thread, summary].join("\n\n")

  private

  def objects
    counts = JSON.parse(@database.import_state(@project)["checksums"])
    rows = KINDS.map do |type, query|
      [type, counts["fetched"][type], counts["imported"][type], @database.value("SELECT count(*) FROM (#{query}) AS imported", @project.id)]
    end
    "#{Table.new(["objects", "fetched", "imported", "rows in GitLab's database"], rows)}\n\n" \
      "An event about what is not there (a deleted milestone, an issue of another repository) leaves no row, a review up to four."
  end

  def issues = Table.new(%w[issue title state author labels comments events], @database.rows(ISSUES, @project.id), left: [0, 1, 2, 3]).to_s

  def merge_requests
    Table.new(["request", "title", "state", "branches", "commits", "files", "diff", "reviewers", "approvals", "comments"],
              @database.rows(MERGE_REQUESTS, @project.id), left: [0, 1, 2, 3, 6, 7]).to_s
  end

  def thread
    notes = @database.query(THREAD, @project.id)
    return "No discussion begins with a suggestion." if notes.empty?

    "A discussion on !#{notes.first["iid"]}, #{place(notes.first)}:\n" + notes.map { |note| comment(note) }.join("\n")
  end

  # The column holds YAML of one of Ruby's own classes.
  def place(note)
    return "line code #{note["line_code"]}" unless note["position"]

    path, old_line, new_line = %w[new_path old_line new_line].map { |member| note["position"][/^  :#{member}: (\S+)$/, 1] }
    "#{path}, #{new_line ? "new line #{new_line}" : "old line #{old_line}"}"
  end

  def comment(note)
    lines = note["note"].lines(chomp: true).reject(&:empty?).first(5).map { |line| "    #{line[0, 120]}" }
    lines << "    can be applied: #{[note["from_content"], note["to_content"]].map { |text| text.strip.inspect }.join(" → ")}" if note["from_content"]
    ["  #{note["author"]}:", *lines].join("\n")
  end

  def summary
    refs = @scenario.refs(@project).lines
    <<~TEXT.chomp
      people       #{people("import_source_users")} GitHub users, mapped to #{people("import_source_users WHERE placeholder_user_id IS NOT NULL")} placeholder users; #{people("import_source_user_placeholder_references")} contributions to reassign
      repository   #{refs.grep(%r{ refs/heads/}).size} branches, #{refs.grep(%r{ refs/tags/}).size} tags, #{refs.grep(%r{ refs/merge-requests/}).size} pull request heads, #{commits} commits, default branch #{refs.last[%r{refs/heads/(.*)}, 1]}
      wiki         #{commits(".wiki")} commits
      state        #{@database.import_state(@project)["status"]}, #{@database.import_failures(@project).size} failures recorded
    TEXT
  end

  def people(what) = @database.value("SELECT count(*) FROM #{what}")

  def commits(kind = "") = @scenario.git(@scenario.repository_path(@project, kind), "rev-list", "--all", "--count").to_i
end
