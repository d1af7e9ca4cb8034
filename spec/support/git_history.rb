# frozen_string_literal: true

require "fileutils"
require "open3"
require_relative "git_history/fast_import"
require_relative "git_history/kinds"
require_relative "git_history/odd_commits"
require_relative "git_history/shapes"

# A bare repository with a nasty history and pull requests of all kinds: the same at every run.
#
#   history = GitHistory.generate(directory, random: 40)
#   history.pulls.each { |pull| puts [pull.number, pull.base, pull.head, pull.ref, pull.kind].join(" ") }
#
# Each pull request's head is at refs/merge-requests/NUMBER/head, as the mirror of GitHub's refs has it.
class GitHistory
  include Shapes

  PullRequest = Struct.new(:number, :base, :head, :kind) do
    def ref = "refs/merge-requests/#{number}/head"
  end

  # random: how many pull requests of random changes there are beside those of GitHistory::Kinds, Shapes and OddCommits.
  def self.generate(directory, random: 40, seed: 1) = new(directory, random, seed)

  attr_reader :pulls

  def initialize(directory, random_pulls, seed)
    @random = Random.new(seed)
    @time = 1_650_000_000
    @pulls = []
    git(nil, "init", "--quiet", "--bare", "--initial-branch", "main", directory)
    @import = FastImport.new(directory)
    add_main
    add_kinds
    add_shapes
    templates = OddCommits::ALL.keys.map { |kind| [kind, branch(main[12]) { |c| c.write("odd.txt", "#{kind}\n") }] }
    random_pulls.times { |number| add_random(number) }
    resolve(@import.finish)
    add_odd_commits(directory, templates)
    write_refs(directory)
  end

  private

  attr_reader :main

  def add_main
    @main = [commit(Kinds.first_tree(@random), [])]
    30.times do |number|
      @main << branch(main.last) do |c|
        3.times { c.edit(c.files("src/").sample(random: @random), 0.05) }
        c.write("main/#{number}.txt", "#{number}\n")
      end
    end
  end

  # Every third one branched off before its base.
  def add_kinds
    Kinds::ALL.each_with_index do |(kind, changes), index|
      base = 10 + index % 15
      pull(kind, main[base], branch(main[(index % 3).zero? ? base - 5 : base], &changes))
    end
  end

  def add_random(number)
    start = @random.rand(main.size - 6)
    head = @random.rand(1..4).times.reduce(main[start]) do |parent, _|
      @random.rand(6).zero? ? merge(parent, main[start + 2]) : branch(parent) { |c| c.anything(@random.rand(1..5)) }
    end
    pull("random change #{number}", main[start + @random.rand(6)], head)
  end

  # Their templates are commits of the ordinary kind, which may be their bases.
  def add_odd_commits(directory, templates)
    odd = OddCommits.new(directory)
    templates.each do |kind, template|
      pull(kind, @shas.fetch(main[12].mark), odd.write(@shas.fetch(template.mark), **OddCommits::ALL.fetch(kind)))
    end
    tree, = Open3.capture2("git", "-C", directory, "rev-parse", "#{@shas.fetch(main[10].mark)}^{tree}")
    pull("a base that is no commit", tree.chomp, @shas.fetch(main[10].mark))
  end

  def tick = @time += 60
  def commit(tree, parents, time: tick) = @import.commit(tree, time: time, parents: parents, message: "Commit of #{time}\n")
  def changed(parent, &changes) = Changes.new(parent&.tree || {}, @random).tap(&changes).tree
  def branch(parent, &changes) = commit(changed(parent, &changes), [parent])
  def pull(kind, base, head) = @pulls << PullRequest.new(@pulls.size + 1, base, head, kind)

  def resolve(shas)
    @shas = shas
    @pulls.each { |pull| %i[base head].each { |name| pull[name] = shas.fetch(pull[name].mark) if pull[name].is_a?(Commit) } }
  end

  def write_refs(directory)
    known = @pulls.map(&:head) - ["4ead" * 10]
    updates = @pulls.select { |pull| known.include?(pull.head) }.map { |pull| "update #{pull.ref} #{pull.head}\n" }
    bases = @pulls.map(&:base).uniq.reject { |sha| sha == "ba5e" * 10 }
    updates += bases.each_with_index.filter_map { |sha, index| "update refs/heads/base-#{index} #{sha}\n" if commit?(directory, sha) }
    git(directory, "update-ref", "--stdin", stdin_data: "#{updates.join}update refs/heads/main #{@shas.fetch(main.last.mark)}\n")
    git(directory, "pack-refs", "--all")
  end

  def commit?(directory, sha) = Open3.capture2("git", "-C", directory, "cat-file", "-t", sha).first == "commit\n"

  def git(directory, *arguments, **options)
    output, status = Open3.capture2e("git", *(["-C", directory] if directory), *arguments, **options)
    raise "git #{arguments.first}: #{output}" unless status.success?
  end
end
