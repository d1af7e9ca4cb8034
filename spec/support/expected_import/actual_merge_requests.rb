# frozen_string_literal: true

require_relative "actual_columns"

class ExpectedImport
  # The rows of merge requests and of what is said about their diffs. Rows that belong to none have NULL for its number.
  module ActualMergeRequests
    extend ActualColumns

    # A comment on a diff: its merge request and when it was made.
    NOTE = "(SELECT '!' || iid FROM merge_requests WHERE merge_requests.id = notes.noteable_id) || ' ' || " \
           "to_char(notes.created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

    QUERIES = {
      "merge_requests" => <<~SQL,
        SELECT iid, title, description, #{project("source_project_id")}, #{project("target_project_id")}, source_branch, target_branch, state_id,
          (SELECT iid FROM milestones WHERE id = milestone_id), #{user("author_id")}, #{time("created_at")}, #{time("updated_at")}, imported_from,
          #{others("merge_requests", *%w[id iid title description source_project_id target_project_id source_branch target_branch state_id milestone_id
                                         author_id created_at updated_at imported_from latest_merge_request_diff_id])}
        FROM merge_requests WHERE target_project_id = %<project>s
      SQL
      "merge_request_assignees" => <<~SQL,
        SELECT iid, #{user("user_id")}, #{time("row.created_at")}, #{project("row.project_id")}
        FROM merge_request_assignees AS row JOIN merge_requests ON merge_requests.id = merge_request_id WHERE target_project_id = %<project>s
      SQL
      "merge_request_reviewers" => <<~SQL,
        SELECT iid, #{user("user_id")}, row.state, #{time("row.created_at")}, #{project("row.project_id")}
        FROM merge_request_reviewers AS row JOIN merge_requests ON merge_requests.id = merge_request_id WHERE target_project_id = %<project>s
      SQL
      "merge_request_metrics" => <<~SQL,
        SELECT iid, #{project("row.target_project_id")}, #{user("merged_by_id")}, #{time("merged_at")}, #{time("row.created_at")}, #{time("row.updated_at")},
          #{others("row", *%w[id merge_request_id target_project_id merged_by_id merged_at created_at updated_at])}
        FROM merge_request_metrics AS row JOIN merge_requests ON merge_requests.id = merge_request_id
        WHERE merge_requests.target_project_id = %<project>s
      SQL
      "approvals" => <<~SQL,
        SELECT iid, #{user("user_id")}, #{time("row.created_at")}, #{time("row.updated_at")}, patch_id_sha, #{project("row.project_id")}
        FROM approvals AS row JOIN merge_requests ON merge_requests.id = merge_request_id WHERE target_project_id = %<project>s
      SQL
      "merge_request_diffs" => <<~SQL,
        SELECT iid, latest_merge_request_diff_id = diffs.id, #{time("diffs.created_at")}, #{time("diffs.updated_at")}, state, real_size, commits_count,
          files_count, base_commit_sha, start_commit_sha, head_commit_sha, encode(patch_id_sha, 'hex'), sorted, diff_type, stored_externally,
          external_diff, external_diff_store
        FROM merge_request_diffs AS diffs LEFT JOIN merge_requests ON merge_requests.id = merge_request_id WHERE project_id = %<project>s
      SQL
      "merge_request_diff_commits" => <<~SQL,
        SELECT iid, relative_order, encode(metadata.sha, 'hex'), metadata.authored_date, metadata.committed_date, md5(metadata.message), authors.name,
          authors.email, committers.name, committers.email
        FROM merge_request_diff_commits AS commits LEFT JOIN merge_request_diffs AS diffs ON diffs.id = merge_request_diff_id
        LEFT JOIN merge_requests ON merge_requests.id = merge_request_id
        LEFT JOIN merge_request_commits_metadata AS metadata ON metadata.id = merge_request_commits_metadata_id AND metadata.project_id = %<project>s
        LEFT JOIN merge_request_diff_commit_users AS authors ON authors.id = metadata.commit_author_id
        LEFT JOIN merge_request_diff_commit_users AS committers ON committers.id = metadata.committer_id
        WHERE commits.project_id = %<project>s
      SQL
      "merge_request_commits_metadata" => "SELECT encode(sha, 'hex') FROM merge_request_commits_metadata WHERE project_id = %<project>s",
      # They belong to the organization, not to one project.
      "merge_request_diff_commit_users" => "SELECT name, email FROM merge_request_diff_commit_users",
      "merge_request_diff_files" => <<~SQL,
        SELECT iid, relative_order, old_path, new_path, a_mode, b_mode, new_file, deleted_file, renamed_file, too_large, "binary", md5(diff), generated,
          encoded_file_path, external_diff_offset, external_diff_size
        FROM merge_request_diff_files AS files LEFT JOIN merge_request_diffs AS diffs ON diffs.id = merge_request_diff_id
        LEFT JOIN merge_requests ON merge_requests.id = merge_request_id WHERE files.project_id = %<project>s
      SQL
      "diff_notes" => <<~SQL,
        SELECT #{NOTE}, type, commit_id, min(#{NOTE}) OVER (PARTITION BY discussion_id), line_code, st_diff, position, original_position
        FROM notes WHERE project_id = %<project>s AND type IS NOT NULL
      SQL
      "note_diff_files" => <<~SQL,
        SELECT #{NOTE}, diff, new_file, renamed_file, deleted_file, a_mode, b_mode, old_path, new_path
        FROM note_diff_files JOIN notes ON notes.id = diff_note_id WHERE project_id = %<project>s
      SQL
      "suggestions" => <<~SQL
        SELECT #{NOTE}, relative_order, from_content, to_content, lines_above, lines_below, applied, outdated, suggestions.commit_id
        FROM suggestions JOIN notes ON notes.id = note_id WHERE project_id = %<project>s
      SQL
    }.freeze

    POSITION = "!ruby/object:Gitlab::Diff::Position"

    module_function

    # Serialized columns, by what Ruby loads. A position holds its values in "attributes".
    def load(yaml)
      return YAML.safe_load(yaml, permitted_classes: [Symbol]).inspect unless yaml.include?(POSITION)

      YAML.safe_load(yaml.sub(POSITION, ""), permitted_classes: [Symbol]).fetch("attributes").inspect
    end
  end
end
