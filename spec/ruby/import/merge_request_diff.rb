# frozen_string_literal: true

require "digest/sha2"
require "open3"
require_relative "merge_request_models"
require_relative "../../support/expected_diff"

module Gitlab
  module GithubImport
    # The project's repository in GitLab's storage, whose folder is the environment's GITLAB_STORAGE; read with git itself.
    class Repository
      attr_reader :path

      def initialize(project)
        digest = Digest::SHA256.hexdigest(project.id.to_s)
        @path = File.join(ENV.fetch("GITLAB_STORAGE"), "@hashed", digest[0, 2], digest[2, 2], "#{digest}.git")
      end

      # Does nothing where the branch exists; a commit that is missing is refused, which is no failure of the import.
      def create_branch(name, sha) = git("update-ref", "refs/heads/#{name}", sha, "0" * 40)

      # nil: there is no such file.
      def file(commit, path) = git("cat-file", "blob", "#{commit}:#{path}")&.then { |bytes| ExpectedDiff::Text.encode(bytes) }

      def default_branch = git("symbolic-ref", "--short", "HEAD")&.chomp

      private

      def git(*arguments)
        output, _, status = Open3.capture3("git", "-c", "safe.directory=*", "--git-dir", path, *arguments, binmode: true)
        output if status.success?
      end
    end

    # The rows of a merge request's diff, told by git's command line, in the newest schema (app/models/merge_request_diff.rb).
    class MergeRequestDiffs
      ORDER = %i[merge_request_diff_id relative_order].freeze

      def initialize(project, merge_request)
        @project = project
        @merge_request = merge_request
      end

      def create(start_sha, head_sha)
        rows = ExpectedDiff.new(Repository.new(@project).path).rows(start_sha, head_sha)
        metadata = rows.commits.map { |commit| metadata_id(commit) }
        MergeRequestDiff.transaction do
          MergeRequestDiff.where(merge_request_id: @merge_request.id).delete_all
          diff = MergeRequestDiff.create!(rows.diff.merge(own, "patch_id_sha" => binary(rows.diff["patch_id_sha"])))
          insert(MergeRequestDiffCommit, diff, metadata.each_with_index.map { |id, order| commit_row(id, order) })
          insert(MergeRequestDiffFile, diff, rows.files)
          @merge_request.update_columns(latest_merge_request_diff_id: diff.id)
        end
      end

      private

      def own = { "merge_request_id" => @merge_request.id, "project_id" => @project.id }
      def commit_row(metadata_id, order) = { "merge_request_commits_metadata_id" => metadata_id, "relative_order" => order }
      def binary(hex) = hex && [hex].pack("H*")

      def insert(model, diff, rows)
        rows = rows.map { |row| row.merge("merge_request_diff_id" => diff.id, "project_id" => @project.id) }
        model.insert_all(rows, unique_by: ORDER) if rows.any?
      end

      def metadata_id(commit)
        key = { project_id: @project.id, sha: binary(commit["sha"]) }
        users = { commit_author_id: user_id(commit, "author"), committer_id: user_id(commit, "committer") }
        find_or_insert(MergeRequest::CommitsMetadata, key, users.merge(commit.slice("authored_date", "committed_date", "message")))
      end

      def user_id(commit, role)
        key = { organization_id: @project.organization_id, name: commit["#{role}_name"], email: commit["#{role}_email"] }
        find_or_insert(MergeRequest::DiffCommitUser, key, {})
      end

      # Another job may insert it at the same time.
      def find_or_insert(model, key, others)
        found = -> { model.uncached { model.where(key).pick(:id) } }
        found.call || (model.insert(key.merge(others), unique_by: key.keys) && found.call)
      end
    end
  end
end
