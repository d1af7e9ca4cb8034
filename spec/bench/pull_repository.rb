# frozen_string_literal: true

require "digest"
require "fileutils"
require "json"
require "tmpdir"
require_relative "../fake_github/git_data/pull"
require_relative "../fake_github/git_data/specification"
require_relative "../support/import_scenario"
require_relative "import_repository"

# Pull requests whose commits are in a real Git repository, and review comments on lines of their diffs.
class PullRepository < ImportRepository
  TITLE = "pull requests and review comments"
  COMMITS = 2000
  FILES = 400
  COMMENTS = 4
  # Every so many-th comment suggests a change.
  SUGGESTION = 4
  CALLERS = { "pull requests" => "ImportPullRequestsWorker", "review comments" => "ImportIssuesAndDiffNotesWorker" }.freeze
  TABLES = {
    "pull requests" => %w[merge_requests merge_request_assignees merge_request_diff_commit_users merge_request_commits_metadata
                          merge_request_diffs merge_request_diff_commits merge_request_diff_files],
    "review comments" => %w[notes note_diff_files suggestions]
  }.freeze
  CONDITIONS = {}.freeze
  # Filled by triggers of `merge_request_diff_commits`.
  BY_TRIGGER = %w[merge_request_diff_commits_b5377a7a34].freeze
  LATER = { "merge_requests" => "latest_merge_request_diff_id" }.freeze
  REPOSITORY_ID = 77

  # The Git repository with all pull requests that any benchmark imports; of its own, and removed at the end.
  def self.make(pulls)
    @specification = Specification.parse("pulls=#{pulls}")
    @root = Dir.mktmpdir("hubferry-bench-git")
    at_exit { FileUtils.rm_rf(@root) }
    ImportScenario.make_repository(@root, "--commits", COMMITS.to_s, "--files", FILES.to_s, "--wiki-pages", "0", "#{NAME}:pulls=#{pulls}")
    @facts = JSON.parse(File.read(File.join(git_directory, "fake_github.json")))
    @pulls = Pull.all(@specification)
  end

  singleton_class.attr_reader :facts, :pulls
  def self.git_directory = File.join(@root, "#{NAME}.git")
  def self.sha(iid, name) = facts.fetch("pull/#{iid}/#{name}")

  def objects
    { "pull requests" => ["Gitlab::GithubImport::ImportPullRequestWorker", pulls.map { |pull| pull_request(pull) }],
      "review comments" => ["Gitlab::GithubImport::ImportDiffNoteWorker", pulls.flat_map { |pull| review_comments(pull.number) }] }
  end

  # [where the pull request starts, what GitHub calls its base, its head] of each.
  def commits = pulls.map { |pull| %w[start base head].map { |name| sha(pull.number, name) } }

  def install(path)
    FileUtils.mkdir_p(File.dirname(path))
    FileUtils.rm_rf(path)
    FileUtils.cp_r(self.class.git_directory, path)
  end

  private

  def pulls = self.class.pulls.first(@number)
  def sha(...) = self.class.sha(...)

  # lib/gitlab/github_import/representation/pull_request.rb
  def pull_request(pull)
    iid = pull.number
    { "iid" => iid, "title" => "Make the parser of messages take input #{iid}", "description" => text(iid, 90), "source_branch" => pull.branch,
      "target_branch" => "main", "source_branch_sha" => sha(iid, "head"), "target_branch_sha" => sha(iid, "base"),
      "source_repository_id" => pull.own? ? REPOSITORY_ID : REPOSITORY_ID + iid, "target_repository_id" => REPOSITORY_ID,
      "source_repository_owner" => pull.own? ? NAME[%r{\A[^/]+}] : self.class.login(iid % USERS), "state" => pull.open? ? "opened" : "closed",
      "milestone_number" => milestone_number(iid), "author" => user(iid), "assignee" => iid.even? ? user(iid * 7) : nil,
      "created_at" => time(iid, 0), "updated_at" => time(iid, 9), "merged_at" => pull.merged? ? time(iid, 8) : nil, "merged_by" => nil }
  end

  def review_comments(iid)
    spots = self.class.facts.dig("spots", iid.to_s).to_a
    spots.empty? ? [] : (0...COMMENTS).map { |place| review_comment(iid, place, spots[place % spots.size]) }
  end

  # lib/gitlab/github_import/representation/diff_note.rb. The last comment answers the first.
  def review_comment(iid, place, spot)
    reply = place == COMMENTS - 1
    { "noteable_id" => iid, "commit_id" => sha(iid, "head"), "original_commit_id" => sha(iid, "head"), "file_path" => spot["path"],
      "diff_hunk" => spot["hunk"], "author" => user(iid * 3 + place), "note" => body(iid, place, spot), "created_at" => time(iid, 1 + place),
      "updated_at" => time(iid, 1 + place), "note_id" => note_id(iid, place), "end_line" => spot["line"], "start_line" => nil,
      "original_end_line" => spot["line"], "original_start_line" => nil, "side" => spot["side"],
      "in_reply_to_id" => reply ? note_id(iid, 0) : nil, "discussion_id" => Digest::SHA1.hexdigest("#{iid} #{reply ? 0 : place}"),
      "subject_type" => "line" }
  end

  def note_id(iid, place) = 900_000_000 + iid * 10 + place

  def body(iid, place, spot)
    suggestion = "\n\n```suggestion\nint suggested_#{iid};\n```\n" if spot["side"] == "RIGHT" && ((iid + place) % SUGGESTION).zero?
    "#{text(iid * 5 + place, 40)}#{suggestion}"
  end
end
