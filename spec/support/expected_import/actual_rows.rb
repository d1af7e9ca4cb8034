# frozen_string_literal: true

require "json"
require "yaml"
require_relative "actual_columns"
require_relative "actual_files"
require_relative "actual_merge_requests"

class ExpectedImport
  # The rows that an import left, in ExpectedImport's form.
  class ActualRows
    extend ActualColumns

    # Which characters of a title are marked as changed is up to the diff's clean-up.
    MARKS = /\{[-+]|[-+]\}/

    # project: its id, namespace: its own namespace, root: that of its group, created_at: when the project was made.
    QUERIES = {
      "issues" => <<~SQL,
        SELECT iid, title, description, #{user("author_id")}, (SELECT iid FROM milestones WHERE id = milestone_id), state_id, #{time("created_at")},
          #{time("updated_at")}, closed_at, closed_by_id, work_item_type_id, imported_from, lock_version, confidential, #{namespace("namespace_id")}
        FROM issues WHERE project_id = %<project>s
      SQL
      "issue_assignees" => <<~SQL,
        SELECT iid, #{user("user_id")}, #{namespace("issue_assignees.namespace_id")}
        FROM issue_assignees JOIN issues ON issues.id = issue_id WHERE project_id = %<project>s
      SQL
      "label_links" => <<~SQL,
        SELECT #{either("target_type = 'Issue' AND", "target_id", "target_type = 'MergeRequest' AND", "target_id")}, target_type, labels.title,
          #{time("label_links.created_at")}, #{namespace("label_links.namespace_id")}
        FROM label_links JOIN labels ON labels.id = label_id WHERE labels.project_id = %<project>s
      SQL
      "notes" => <<~SQL,
        SELECT #{noteable}, system, #{user("notes.author_id")}, note, action, #{time("notes.created_at")}, #{time("notes.updated_at")}, notes.imported_from,
          #{namespace("notes.namespace_id")}
        FROM notes LEFT JOIN system_note_metadata ON note_id = notes.id WHERE notes.project_id = %<project>s
      SQL
      "system_note_metadata" => <<~SQL,
        SELECT #{noteable}, action, note, #{time("system_note_metadata.created_at")}, #{time("system_note_metadata.updated_at")}
        FROM system_note_metadata JOIN notes ON notes.id = note_id WHERE notes.project_id = %<project>s
      SQL
      "resource_state_events" => <<~SQL,
        SELECT #{user("user_id")}, #{issuable}, state, source_commit, #{time("event.created_at")}, event.imported_from, #{namespace("event.namespace_id")}
        FROM resource_state_events AS event #{of_project("event")}
      SQL
      "resource_label_events" => <<~SQL,
        SELECT #{user("user_id")}, #{issuable}, (SELECT title FROM labels WHERE labels.id = label_id), action, #{time("event.created_at")}, event.imported_from,
          #{namespace("event.namespace_id")}
        FROM resource_label_events AS event #{of_project("event")}
      SQL
      "resource_milestone_events" => <<~SQL,
        SELECT #{user("user_id")}, #{issuable}, (SELECT title FROM milestones WHERE milestones.id = event.milestone_id), action, state,
          #{time("event.created_at")}, event.imported_from, #{namespace("event.namespace_id")}
        FROM resource_milestone_events AS event #{of_project("event")}
      SQL
      "events" => <<~SQL,
        SELECT #{user("author_id")}, action, target_type, #{either("target_type = 'Issue' AND", "target_id", "target_type = 'MergeRequest' AND", "target_id")},
          #{time("created_at")}, #{time("updated_at")}, imported_from
        FROM events WHERE project_id = %<project>s
      SQL
      "import_source_users" => <<~SQL,
        SELECT import_type, source_hostname, source_user_identifier, source_username, source_name, status
        FROM import_source_users WHERE namespace_id = %<root>s
      SQL
      "import_source_user_placeholder_references" => <<~SQL,
        SELECT model, user_reference_column, source_user_identifier,
          CASE model #{referred}
            WHEN 'IssueAssignee' THEN EXISTS (SELECT 1 FROM issue_assignees WHERE issue_id = (composite_key->>'issue_id')::bigint
              AND user_id = (composite_key->>'user_id')::bigint AND user_id = placeholder_user_id) END
        FROM import_source_user_placeholder_references AS reference JOIN import_source_users ON import_source_users.id = source_user_id
        WHERE reference.namespace_id = %<root>s
      SQL
      "issue_search_data" => <<~SQL,
        SELECT iid, #{namespace("data.namespace_id")} FROM issue_search_data AS data JOIN issues ON issues.id = issue_id WHERE data.project_id = %<project>s
      SQL
      "internal_ids" => "SELECT usage, last_value FROM internal_ids WHERE project_id = %<project>s",
      "import_failures" => <<~SQL,
        SELECT exception_class, coalesce(external_identifiers->>'issuable_iid', external_identifiers->>'noteable_iid'),
          coalesce(external_identifiers->>'event', external_identifiers->>'noteable_type')
        FROM import_failures WHERE project_id = %<project>s
      SQL
      "protected_branches" => <<~SQL,
        SELECT name, (SELECT string_agg(access_level::text, ',') FROM protected_branch_push_access_levels WHERE protected_branch_id = branch.id),
          (SELECT string_agg(access_level::text, ',') FROM protected_branch_merge_access_levels WHERE protected_branch_id = branch.id),
          allow_force_push, code_owner_approval_required
        FROM protected_branches AS branch WHERE project_id = %<project>s
      SQL
      **ActualMergeRequests::QUERIES,
      **ActualFiles::QUERIES
    }.freeze

    # config: where the files are. refs: rows of [ref, sha].
    def initialize(database, project, config, refs:)
      @database = database
      @project = project
      @config = config
      @refs = refs
      @place = database.query(<<~SQL, project.id).first.transform_keys(&:to_sym)
        SELECT projects.id AS project, project_namespace_id AS namespace, traversal_ids[1] AS root, projects.created_at
        FROM projects JOIN namespaces ON namespaces.id = project_namespace_id WHERE projects.id = $1
      SQL
    end

    def table(name)
      case name
      when "refs" then @refs
      when "upload files" then without_secrets(ActualFiles.files(@config.uploads_of(@project)))
      when "lfs files" then ActualFiles.files(@config.lfs_objects)
      when *ActualFiles::WITH_SECRETS then without_secrets(rows_of(name))
      else rows_of(name)
      end
    end

    def counters = JSON.parse(@database.import_state(@project)["checksums"] || "{}").slice("fetched", "imported")

    # Renamed titles without a mark, and discussions that notes share which are none on a diff: neither would be seen in the rows.
    def oddities
      counts = @database.query(<<~SQL, @project.id).first
        SELECT count(*) FILTER (WHERE action = 'title' AND note !~ '[{][-+]') AS "renamed titles without a mark",
          count(type) + count(*) FILTER (WHERE type IS NULL) - count(DISTINCT (discussion_id, CASE WHEN type IS NOT NULL THEN notes.id END))
            AS "notes in the discussion of another"
        FROM notes LEFT JOIN system_note_metadata ON note_id = notes.id WHERE project_id = $1
      SQL
      counts.reject { |_, count| count == "0" }
    end

    private

    def rows_of(name)
      rows = @database.rows(format(QUERIES.fetch(name), @place))
      case name
      when "notes", "system_note_metadata" then rows.each { |row| row.map! { |value| value&.gsub(MARKS, "") } if row.include?("title") }
      when "diff_notes" then rows.each { |row| row[-3..] = row.last(3).map { |yaml| yaml && ActualMergeRequests.load(yaml) } }
      else rows
      end
    end

    def without_secrets(rows) = rows.map { |row| row.map { |value| ActualFiles.without_secrets(value, digests) } }

    def digests
      @digests ||= @database.rows("SELECT secret, checksum FROM uploads WHERE model_type = 'Project' AND model_id = $1", @project.id).to_h
    end
  end
end
