# frozen_string_literal: true

class ProjectDump
  # Which column refers to which table: by foreign key, by a type column beside it, or by GitLab's naming.
  class References
    # How a row is called where another row refers to it. A table not named here is called by a digest of the row.
    NATURAL_KEYS = {
      "issues" => %w[iid], "merge_requests" => %w[iid], "milestones" => %w[iid title], "labels" => %w[title],
      "releases" => %w[tag], "merge_request_diffs" => %w[merge_request_id diff_type head_commit_sha],
      "merge_request_commits_metadata" => %w[sha], "merge_request_diff_commit_users" => %w[name email],
      "lfs_objects" => %w[oid], "protected_branches" => %w[name], "organizations" => %w[path], "shards" => %w[name],
      "import_source_users" => %w[source_user_identifier], "programming_languages" => %w[name],
      "project_repositories" => %w[project_id]
    }.freeze

    TYPES = {
      "Issue" => "issues", "WorkItem" => "issues", "MergeRequest" => "merge_requests", "MergeRequest::Metrics" => "merge_request_metrics",
      "Note" => "notes", "DiffNote" => "notes", "LegacyDiffNote" => "notes", "DiscussionNote" => "notes", "Milestone" => "milestones",
      "Release" => "releases", "Label" => "labels", "Project" => "projects", "Namespace" => "namespaces", "User" => "users",
      "Event" => "events", "Approval" => "approvals", "AwardEmoji" => "award_emoji", "Review" => "reviews",
      "MergeRequestReviewer" => "merge_request_reviewers", "MergeRequestAssignee" => "merge_request_assignees",
      "ResourceStateEvent" => "resource_state_events", "ResourceLabelEvent" => "resource_label_events",
      "ResourceMilestoneEvent" => "resource_milestone_events",
      "ProtectedBranch::PushAccessLevel" => "protected_branch_push_access_levels",
      "ProtectedBranch::MergeAccessLevel" => "protected_branch_merge_access_levels"
    }.freeze
    TYPE_COLUMNS = {
      "noteable_id" => "noteable_type", "target_id" => "target_type", "awardable_id" => "awardable_type", "source_id" => "source_type",
      "subscribable_id" => "subscribable_type", "model_id" => "model_type", "numeric_key" => "model"
    }.freeze

    # Columns without a foreign key in GitLab's schema.
    NAMES = {
      "users" => %w[author_id user_id creator_id created_by_id updated_by_id last_edited_by_id resolved_by_id owner_id
                    mirror_user_id marked_for_deletion_by_user_id],
      "projects" => %w[project_id target_project_id], "namespaces" => %w[namespace_id root_namespace_id relative_positioning_namespace_id],
      "issues" => %w[issue_id work_item_id], "merge_requests" => %w[merge_request_id], "merge_request_diffs" => %w[merge_request_diff_id],
      "merge_request_diff_commit_users" => %w[commit_author_id committer_id],
      "merge_request_commits_metadata" => %w[merge_request_commits_metadata_id],
      "lfs_objects" => %w[lfs_object_id], "shards" => %w[shard_id], "organizations" => %w[organization_id],
      "programming_languages" => %w[programming_language_id], "notes" => %w[note_id], "labels" => %w[label_id]
    }.flat_map { |table, columns| columns.map { |column| [column, table] } }.to_h.freeze
    ARRAYS = {
      "mentioned_users_ids" => "users", "mentioned_projects_ids" => "projects", "mentioned_groups_ids" => "namespaces",
      "traversal_ids" => "namespaces", "namespace_traversal_ids" => "namespaces"
    }.freeze

    # table => { column => type }, partitions left out
    attr_reader :columns

    def initialize(database)
      @columns = read_columns(database)
      @foreign_keys = read_foreign_keys(database)
    end

    # Yields the table that the column of this row refers to, if it does.
    def of(row, table, column)
      target = @foreign_keys[[table, column]] || polymorphic(row, column) || NAMES[column]
      yield target if target
    end

    def array_of(column)
      yield ARRAYS[column] if ARRAYS.key?(column)
    end

    def by_name(column) = NAMES.fetch(column)

    def primary_key(table) = @columns.fetch(table).key?("id") ? "id" : @columns.fetch(table).keys.find { |name| name.end_with?("_id") }

    private

    def polymorphic(row, column)
      type = TYPE_COLUMNS[column]
      type && TYPES[row[type]]
    end

    def read_columns(database)
      rows = database.query(<<~SQL)
        SELECT relname, attname, format_type(atttypid, atttypmod) AS type
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
          AND attnum > 0 AND NOT attisdropped
        ORDER BY relname, attnum
      SQL
      rows.group_by { |row| row["relname"] }
          .transform_values { |columns| columns.to_h { |column| column.values_at("attname", "type") } }
    end

    def read_foreign_keys(database)
      rows = database.query(<<~SQL)
        SELECT child.relname AS table, attname AS column, parent.relname AS target
        FROM pg_constraint
        JOIN pg_class child ON child.oid = conrelid
        JOIN pg_class parent ON parent.oid = confrelid
        JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
        WHERE contype = 'f' AND cardinality(conkey) = 1 AND conparentid = 0
      SQL
      rows.to_h { |row| [row.values_at("table", "column"), row["target"]] }
    end
  end
end
