# frozen_string_literal: true

class ExpectedDiff
  # The rows that a project's merge requests have in the database, in the form of ExpectedDiff::Rows.
  class Actual
    DIFFS = <<~SQL
      SELECT iid, state, real_size, commits_count, files_count, base_commit_sha, start_commit_sha, head_commit_sha,
             encode(patch_id_sha, 'hex') AS patch_id_sha, sorted, diff_type, stored_externally, external_diff, external_diff_store
      FROM merge_request_diffs diffs JOIN merge_requests requests ON requests.latest_merge_request_diff_id = diffs.id
      WHERE target_project_id = $1 AND diffs.merge_request_id = requests.id AND diffs.project_id = $1
    SQL

    COMMITS = <<~SQL
      SELECT iid, encode(metadata.sha, 'hex') AS sha, metadata.authored_date, metadata.committed_date, metadata.message,
             authors.name AS author_name, authors.email AS author_email, committers.name AS committer_name, committers.email AS committer_email
      FROM merge_requests requests
      JOIN merge_request_diff_commits commits ON commits.merge_request_diff_id = requests.latest_merge_request_diff_id AND commits.project_id = $1
      JOIN merge_request_commits_metadata metadata ON metadata.id = commits.merge_request_commits_metadata_id AND metadata.project_id = $1
      JOIN merge_request_diff_commit_users authors ON authors.id = metadata.commit_author_id
      JOIN merge_request_diff_commit_users committers ON committers.id = metadata.committer_id
      WHERE target_project_id = $1 ORDER BY iid, commits.relative_order
    SQL

    FILES = <<~SQL
      SELECT iid, relative_order, old_path, new_path, a_mode, b_mode, new_file, deleted_file, renamed_file, too_large, "binary", diff, generated,
             encoded_file_path, external_diff_offset, external_diff_size
      FROM merge_request_diff_files files JOIN merge_requests requests ON requests.latest_merge_request_diff_id = files.merge_request_diff_id
      WHERE target_project_id = $1 AND files.project_id = $1 ORDER BY iid, relative_order
    SQL

    def initialize(database, project)
      @diffs, @commits, @files = [DIFFS, COMMITS, FILES].map do |sql|
        database.query(sql, project.id).group_by { |row| Integer(row.delete("iid")) }
      end
    end

    # nil: no merge request of this number has a diff.
    def rows(iid)
      @diffs[iid] && Rows.new(@diffs.fetch(iid).first, @commits.fetch(iid, []), @files.fetch(iid, []))
    end
  end
end
