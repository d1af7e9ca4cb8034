# frozen_string_literal: true

require "digest"
require_relative "../expected_diff"

class ExpectedImport
  # The rows of the diff of each merge request. Long texts are compared by their digests.
  class Diffs
    USER = %w[author_name author_email committer_name committer_email].freeze

    def initialize(import, git, pulls)
      @import = import
      @pairs = pulls.to_h { |pull| [pull.fetch("number"), [pull.dig("base", "sha"), pull.dig("head", "sha")]] }
      @expected = ExpectedDiff.new(git).prepare(@pairs.values)
    end

    def diff(number) = rows(number).diff
    def files(number) = rows(number).files

    def add_to_rows
      commits = @pairs.keys.flat_map { |number| add_rows(number.to_s, rows(number)) }
      commits.map { |commit| commit["sha"] }.uniq.each { |sha| @import.add("merge_request_commits_metadata", sha) }
      commits.flat_map { |commit| commit.values_at(*USER).each_slice(2).to_a }.uniq.each do |user|
        @import.add("merge_request_diff_commit_users", *user)
      end
    end

    private

    def rows(number) = (@rows ||= {})[number] ||= @expected.rows(*@pairs.fetch(number))

    def add_rows(number, rows)
      @import.add("merge_request_diffs", number, "t", "<now>", "<now>", *rows.diff.values)
      rows.files.each { |file| @import.add("merge_request_diff_files", number, *digested(file, "diff").values) }
      rows.commits.each_with_index do |commit, order|
        @import.add("merge_request_diff_commits", number, order.to_s, *digested(commit, "message").values)
      end
    end

    def digested(row, column) = row.merge(column => Digest::MD5.hexdigest(row[column]))
  end
end
