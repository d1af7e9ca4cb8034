# frozen_string_literal: true

require_relative "expected_diff/commits"
require_relative "expected_diff/files"
require_relative "expected_diff/git"

# What GitLab stores about the differences of a merge request, told by git's command line and by GitLab's rules alone:
#
#   expected = ExpectedDiff.new("/path/of/a/bare.git").prepare([[base_sha, head_sha], ...])
#   rows = expected.rows(base_sha, head_sha)
#   rows.diff      # the row of merge_request_diffs
#   rows.commits   # those of merge_request_diff_commits in their order, each with its users
#   rows.files     # those of merge_request_diff_files in their order
#
# Rows are hashes by column, with values as PostgreSQL's text form has them (nil: NULL), without ids and times of the import; a sha is
# its 40 digits. app/models/merge_request_diff.rb, save_git_content.
class ExpectedDiff
  # The defaults of application_settings. bytes: lib/gitlab/git/diff_collection.rb.
  LIMITS = { files: 1000, lines: 50_000, patch_bytes: 204_800 }.freeze

  Rows = Struct.new(:diff, :commits, :files)

  def initialize(directory, limits: {})
    @git = Git.new(directory)
    @limits = LIMITS.merge(limits)
    @limits[:bytes] ||= @limits[:files] * 5 * 1024
    @ranges = {}
    @patches = {}
    @patch_ids = {}
  end

  # Asks git about many pairs of shas at once. Optional. Returns self.
  def prepare(pairs)
    pairs = pairs.uniq - @ranges.keys
    return self if pairs.empty?

    @ranges.merge!(@git.ranges(pairs))
    with_commits = pairs.select { |pair| @ranges.fetch(pair).commits.any? }
    @patches.merge!(@git.patches(with_commits.map { |pair| sides(pair) }))
    @patch_ids.merge!(@git.patch_ids(pairs.map { |pair| sides(pair) }.select { |base, head| base && head && base != head }))
    (@commits ||= Commits.new(@git)).load(with_commits.flat_map { |pair| @ranges.fetch(pair).commits })
    self
  end

  def rows(base_sha, head_sha)
    pair = [base_sha, head_sha]
    prepare([pair])
    commits = @ranges.fetch(pair).commits
    files = Files.new(commits.empty? ? [] : @patches.fetch(sides(pair)), @limits)
    Rows.new(diff(pair, commits, files), commits.map { |sha| @commits.row(sha) }, files.rows)
  end

  # The parsed patches between the two sides: for what else is told by them. Only of pairs that have commits.
  def patches(base_sha, head_sha)
    prepare([[base_sha, head_sha]])
    @patches.fetch(sides([base_sha, head_sha]))
  end

  private

  # From where to where files are compared; without a merge base everything is new.
  def sides((base_sha, head_sha)) = [@ranges.fetch([base_sha, head_sha]).merge_base, head_sha]

  def diff(pair, commits, files)
    { "state" => state(commits, files), "real_size" => (files.real_size if commits.any?), "commits_count" => commits.size.to_s,
      "files_count" => files.rows.size.to_s, "base_commit_sha" => @ranges.fetch(pair).merge_base, "start_commit_sha" => pair.first,
      "head_commit_sha" => pair.last, "patch_id_sha" => @patch_ids[sides(pair)], "sorted" => files.rows.any? ? "t" : "f",
      "diff_type" => "1", "stored_externally" => nil, "external_diff" => nil, "external_diff_store" => "1" }
  end

  def state(commits, files)
    return "overflow" if files.overflow?

    commits.any? && files.rows.any? ? "collected" : "empty"
  end
end
