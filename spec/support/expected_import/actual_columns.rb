# frozen_string_literal: true

class ExpectedImport
  # SQL for columns in ExpectedImport's form. What is in %<...>s is filled in by ActualRows.
  module ActualColumns
    # A user as ExpectedImport names them.
    USER = <<~SQL
      CASE user_type WHEN 5 THEN 'ghost' WHEN 17 THEN 'import user'
        WHEN 15 THEN 'placeholder ' || (SELECT source_user_identifier FROM import_source_users WHERE placeholder_user_id = users.id AND namespace_id = %<root>s)
        ELSE 'user ' || username END
    SQL
    # What a reference to a row by its id is about: table and column of the user, and what else must hold.
    REFERRED = {
      "Issue" => %w[issues author_id], "Note" => ["notes", "author_id", "AND found.type IS NULL"], "Event" => %w[events author_id],
      "LegacyDiffNote" => ["notes", "author_id", "AND found.type = 'LegacyDiffNote'"], "DiffNote" => ["notes", "author_id", "AND found.type = 'DiffNote'"],
      "ResourceStateEvent" => %w[resource_state_events user_id], "ResourceLabelEvent" => %w[resource_label_events user_id],
      "ResourceMilestoneEvent" => %w[resource_milestone_events user_id], "MergeRequest" => %w[merge_requests author_id],
      "MergeRequestAssignee" => %w[merge_request_assignees user_id], "MergeRequestReviewer" => %w[merge_request_reviewers user_id],
      "MergeRequest::Metrics" => %w[merge_request_metrics merged_by_id], "Approval" => %w[approvals user_id],
      "Release" => %w[releases author_id]
    }.freeze

    def user(column) = "(SELECT #{USER} FROM users WHERE users.id = #{column})"
    def time(column) = "CASE WHEN #{column} >= '%<created_at>s' THEN '<now>' ELSE to_char(#{column}, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') END"
    def namespace(column) = "CASE #{column} WHEN %<namespace>s THEN 'project namespace' ELSE #{column}::text END"
    def project(column) = "CASE #{column} WHEN %<project>s THEN 'project' ELSE #{column}::text END"

    # "12" of an issue, "!12" of a merge request.
    def either(if_issue, issue, if_merge_request, merge_request)
      "coalesce((SELECT iid::text FROM issues WHERE #{if_issue} issues.id = #{issue}), " \
        "(SELECT '!' || iid FROM merge_requests WHERE #{if_merge_request} merge_requests.id = #{merge_request}))"
    end

    def issuable = either("", "event.issue_id", "", "event.merge_request_id")
    def noteable = either("noteable_type = 'Issue' AND", "noteable_id", "noteable_type = 'MergeRequest' AND", "noteable_id")

    # Resource events have no project of their own.
    def of_project(event)
      "LEFT JOIN issues ON issues.id = #{event}.issue_id LEFT JOIN merge_requests ON merge_requests.id = #{event}.merge_request_id " \
        "WHERE coalesce(issues.project_id, target_project_id) = %<project>s"
    end

    # Whether the row that a reference is about is there and belongs to the source user.
    def referred
      REFERRED.map do |model, (table, column, condition)|
        "WHEN '#{model}' THEN EXISTS (SELECT 1 FROM #{table} AS found WHERE found.id = numeric_key AND found.#{column} = placeholder_user_id #{condition})"
      end.join("\n")
    end

    # Whatever else the row holds.
    def others(row, *columns) = "jsonb_strip_nulls(to_jsonb(#{row}) - '{#{columns.join(",")}}'::text[])"
  end
end
