# frozen_string_literal: true

require "open3"

# Where people comment on pull requests: lines of their diffs, with the hunk up to the line, as GitHub shows it.
#
# A spot is {"path", "hunk", "line", "side", "first"}; first is the first line of that side in the hunk.
class Spots
  # Enough for a talk; a hunk whose end is far away makes its comments large.
  FILES = 3
  LINES = 12

  # pulls: number => [the commit where it starts, its head]. Answers number => spots.
  def self.of(directory, pulls)
    return {} if pulls.empty?

    trees = trees_of(directory, pulls.values.flatten)
    input = pulls.values.map { |commits| commits.map { |commit| trees.fetch(commit) }.join(" ") << "\n" }.join
    diff = git(directory, "-c", "core.quotePath=false", "-c", "core.bigFileThreshold=1m", "diff-tree", "--stdin", "-p", "-M", input: input)
    numbers = pulls.to_h { |number, commits| [commits.map { |commit| trees.fetch(commit) }.join(" "), number] }
    diffs_of(diff, numbers).transform_values { |lines| new(lines).to_a }
  end

  def self.trees_of(directory, commits)
    names = commits.uniq
    trees = git(directory, "cat-file", "--batch-check=%(objectname)", input: names.map { |name| "#{name}^{tree}\n" }.join)
    names.zip(trees.lines(chomp: true)).to_h
  end

  # Each diff begins with the names of its two trees.
  def self.diffs_of(diff, numbers)
    diff.lines(chomp: true).slice_before { |line| numbers.key?(line) }.to_h { |name, *lines| [numbers.fetch(name), lines] }
  end

  def self.git(directory, *arguments, input:)
    output, status = Open3.capture2("git", "--git-dir=#{directory}", *arguments, stdin_data: input)
    abort "git #{arguments.join(" ")} failed in #{directory}" unless status.success?

    output.force_encoding("UTF-8").scrub
  end

  private_class_method :trees_of, :diffs_of, :git

  def initialize(diff)
    @diff = diff
  end

  def to_a
    files = @diff.slice_before(/\Adiff --git /).select { |lines| lines.any?(/\A@@ /) }
    files.first(FILES).flat_map { |lines| of_file(lines) }
  end

  private

  def of_file(lines)
    header = lines.index { |line| line.start_with?("@@ ") }
    path = lines.take(header).filter_map { |line| line[%r{\A(?:\+\+\+ b|--- a)/(.*)}, 1] }.last
    hunk = lines.drop(header).take(LINES)
    hunk = [hunk.first, *hunk.drop(1).take_while { |line| line.match?(/\A[ +-]/) }]
    choose(hunk).map { |index| spot(path, hunk, index) }
  end

  # The last of the first added lines, the first removed line, the last line without change.
  def choose(hunk)
    added = hunk.index { |line| line.start_with?("+") }
    added += 1 while added && hunk[added + 1]&.start_with?("+")
    [added, hunk.index { |line| line.start_with?("-") }, hunk.rindex { |line| line.start_with?(" ") }].compact
  end

  def spot(path, hunk, index)
    old_first, new_first = hunk.first.match(/\A@@ -(\d+)(?:,\d+)? \+(\d+)/).captures.map(&:to_i)
    removed = hunk[index].start_with?("-")
    first = removed ? old_first : new_first
    line = first - 1 + hunk[1..index].count { |text| !text.start_with?(removed ? "+" : "-") }
    { "path" => path, "hunk" => hunk[0..index].join("\n"), "line" => line, "side" => removed ? "LEFT" : "RIGHT", "first" => first }
  end
end
