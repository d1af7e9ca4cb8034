# frozen_string_literal: true

require "digest"
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
    "release_attachment" => "SELECT id FROM releases WHERE project_id = $1 AND description LIKE '%/uploads/%'",
    "note_attachment" => "SELECT id FROM notes WHERE project_id = $1 AND note LIKE '%/uploads/%'",
    "issue_attachment" => "SELECT id FROM issues WHERE project_id = $1 AND description LIKE '%/uploads/%'",
    "merge_request_attachment" => "SELECT id FROM merge_requests WHERE target_project_id = $1 AND description LIKE '%/uploads/%'",
    "lfs_object" => "SELECT id FROM lfs_objects_projects WHERE project_id = $1",
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

  BRANCHES = <<~SQL
    SELECT name, (SELECT string_agg(access_level::text, ', ') FROM protected_branch_push_access_levels WHERE protected_branch_id = branch.id) AS push,
           (SELECT string_agg(access_level::text, ', ') FROM protected_branch_merge_access_levels WHERE protected_branch_id = branch.id) AS merge,
           allow_force_push
    FROM protected_branches branch WHERE project_id = $1 ORDER BY name LIMIT 5
  SQL
  COLLABORATORS = <<~SQL
    SELECT coalesce(source_name, source_username), source_username, access_level
    FROM import_placeholder_memberships membership JOIN import_source_users ON import_source_users.id = source_user_id
    WHERE membership.project_id = $1 ORDER BY access_level DESC, source_username LIMIT 5
  SQL
  ACCESS = { "0" => "nobody", "10" => "guest", "20" => "reporter", "30" => "developer", "40" => "maintainer", "50" => "owner" }.freeze
  UPLOADS = "SELECT path, size, checksum FROM uploads WHERE model_id = $1 AND model_type = 'Project' ORDER BY path LIMIT 5"
  LFS_OBJECTS = <<~SQL
    SELECT object.oid, size FROM lfs_objects object JOIN lfs_objects_projects link ON lfs_object_id = object.id WHERE project_id = $1
    ORDER BY object.oid LIMIT 5
  SQL
  # The shortest text with a picture.
  ISSUE_WITH_FILE = <<~SQL
    SELECT iid, description FROM issues WHERE project_id = $1 AND description LIKE '%![%](/uploads/%' ORDER BY length(description), iid LIMIT 1
  SQL

  def initialize(scenario, project)
    @scenario = scenario
    @database = scenario.database
    @project = project
  end

  def to_s = [objects, issues, merge_requests, thread, branches, collaborators, files, text_with_file, summary].join("\n\n")

  private

  def objects
    counts = JSON.parse(@database.import_state(@project)["checksums"])
    rows = KINDS.map do |type, query|
      [type, counts["fetched"][type], counts["imported"][type], @database.value("SELECT count(*) FROM (#{query}) AS imported", @project.id)]
    end
    "#{Table.new(["objects", "fetched", "imported", "rows in GitLab's database"], rows)}\n\n" \
      "An event about what is not there (a deleted milestone, an issue of another repository) leaves no row, a review up to four.\n" \
      "The text of an issue that only links to another repository has attachments to be looked at, and no files."
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

  def branches
    rows = @database.rows(BRANCHES, @project.id).map { |name, push, merge, forced| [name, ACCESS[push], ACCESS[merge], forced == "t" ? "allowed" : "no"] }
    Table.new(["protected branch", "push", "merge", "force push"], rows, left: [0, 1, 2, 3]).to_s
  end

  def collaborators
    rows = @database.rows(COLLABORATORS, @project.id).map { |name, login, level| [name, login, ACCESS[level]] }
    Table.new(["collaborator", "on GitHub", "will be"], rows, left: [0, 1, 2]).to_s
  end

  # Whether the file that a row tells of is there, and is what the row says.
  def files
    config = @scenario.config
    uploads = @database.rows(UPLOADS, @project.id).map { |path, *told| [path, *told, File.join(config.uploads_of(@project), path)] }
    objects = @database.rows(LFS_OBJECTS, @project.id).map do |oid, size|
      path = File.join(oid[0, 2], oid[2, 2], oid[4..])
      [path, size, oid, File.join(config.lfs_objects, path)]
    end
    ["uploads below #{config.uploads_of(@project).delete_prefix(config.uploads)[1, 24]}...", "LFS objects"].zip([uploads, objects]).map do |title, rows|
      Table.new([title, "bytes", "on disk"], rows.map { |path, size, digest, file| [path, size, state_of(file, digest)] }, left: [0, 2]).to_s
    end.join("\n\n")
  end

  def state_of(file, digest)
    return "missing" unless File.exist?(file)

    Digest::SHA256.file(file).hexdigest == digest ? "SHA-256 as told" : "another file"
  end

  def text_with_file
    issue = @database.query(ISSUE_WITH_FILE, @project.id).first
    return "No issue has a picture." unless issue

    before = @scenario.github.issue_body(ImportScenario::REPOSITORY, issue["iid"])
    "The beginning of issue ##{issue["iid"]}\n  on GitHub:\n#{beginning(before)}\n  in GitLab:\n#{beginning(issue["description"])}"
  end

  def beginning(text) = text.lines(chomp: true).reject(&:empty?).first(2).map { |line| "    #{line[0, 140]}" }.join("\n")

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
