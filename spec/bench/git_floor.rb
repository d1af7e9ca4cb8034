# frozen_string_literal: true

require "etc"
require "open3"

# The floor of reading pull requests: git itself compares the same pairs of commits, with one process for each core, each of which
# answers for its share of all pairs; and lists the commits of each, with a process a pull request, as Gitaly does.
class GitFloor
  DIFF = %w[diff-tree --stdin -r -p -M30%].freeze
  COMMITS = %w[rev-list --format=raw].freeze
  # What Gitaly tells git.
  BIG_FILE = "core.bigFileThreshold=50m"

  # commits: [start, base, head] of each pull request.
  def initialize(directory, commits)
    @git = ["git", "-c", "safe.directory=*", "-c", BIG_FILE, "--git-dir=#{directory}"]
    @commits = commits
  end

  # Pull requests a second: with diffs only, and with commits, too.
  def run
    diffs = seconds { compare }
    commits = seconds { list }
    [@commits.size / diffs, @commits.size / (diffs + commits)]
  end

  private

  def cores = Etc.nprocessors

  def compare
    shares = @commits.each_slice((@commits.size.to_f / cores).ceil).map { |share| share.map { |start, _, head| "#{head} #{start}\n" }.join }
    shares.map { |share| Thread.new { execute(*@git, *DIFF, input: share) } }.each(&:join)
  end

  def list
    ranges = @commits.map { |_, base, head| "#{base}..#{head}\n" }.join
    execute("xargs", "-P", cores.to_s, "-n", "1", *@git, *COMMITS, input: ranges)
  end

  def execute(*command, input:)
    IO.pipe do |from, to|
      process = spawn(*command, in: from, out: File::NULL)
      from.close
      to.write(input)
      to.close
      Process.wait(process)
    end
    raise "#{command.first(2).join(" ")} failed" unless $?.success?
  end

  def seconds
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
  end
end
