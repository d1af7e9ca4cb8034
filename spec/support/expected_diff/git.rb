# frozen_string_literal: true

require "open3"
require "stringio"
require_relative "patch"

class ExpectedDiff
  # Git's command line, asked about many things with few processes.
  class Git
    EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    # internal/gitaly/service/diff/commit_diff.go
    RENAMES = "--find-renames=30%"

    # The commits between two shas, newest first, and where both grew from; none if a commit is missing.
    Range = Struct.new(:commits, :merge_base)

    def initialize(directory)
      @directory = directory
    end

    # Gitaly gives the head first; with several merge bases of one time that matters.
    RANGES = <<~SH
      while read -r base head; do
        echo "$base $head"
        git merge-base "$head" "$base" || echo none
        git rev-list "$base..$head" || exit
      done
    SH

    # Range by pair.
    def ranges(pairs)
      known = commits(pairs.flatten.uniq)
      complete, incomplete = pairs.partition { |pair| (pair - known).empty? }
      parts(shell(RANGES, lines(complete.map { |pair| pair.join(" ") }))) do |text|
        merge_base, *commits = text.split("\n")
        Range.new(commits, merge_base[/\h{40}/])
      end.merge(incomplete.to_h { |pair| [pair, Range.new([], nil)] })
    end

    # Patches by pair of shas; nil is the empty tree.
    def patches(pairs)
      lists = parts(diff_tree(trees_of_all(pairs), "--raw", "--patch", "--abbrev=40", RENAMES)) { |text| Patch.parse(text) }
      pairs.uniq.to_h { |pair| [pair, lists.fetch(trees_of(pair))] }
    end

    # `git diff --full-index BASE HEAD | git patch-id --verbatim` by pair; no entry where it prints nothing. It prints no more than the
    # first sha of each pair that the stream announces, so those of one first sha are told apart by their order, if each has an id.
    def patch_ids(pairs)
      wanted = trees_of_all(pairs).reject { |old, new| old == new }
      stream = diff_tree(wanted, "--patch", "--find-renames")
      printed = filter(stream).lines.map { |line| line.split(" ").reverse }.group_by(&:first)
      ids = wanted.group_by(&:first).each_with_object({}) do |(old, group), found|
        raise "#{printed[old]&.size} patch ids of #{group.size} comparisons" unless printed[old]&.size == group.size

        group.zip(printed[old]) { |trees, (_, id)| found[trees] = id }
      end
      pairs.uniq.to_h { |pair| [pair, ids[trees_of(pair)]] }.compact
    end

    # The raw objects by sha.
    def objects(shas)
      output = StringIO.new(run("cat-file", "--batch", stdin_data: lines(shas)))
      shas.to_h do |sha|
        size = Integer(output.readline.split(" ").last)
        [sha, output.read(size).tap { output.read(1) }]
      end
    end

    private

    def run(*arguments, **options)
      output, errors, status = Open3.capture3("git", "-C", @directory, *arguments, binmode: true, **options)
      raise "git #{arguments.first}: #{errors}" unless status.success?

      output
    end

    def lines(list) = list.map { |line| "#{line}\n" }.join

    def commits(shas)
      run("cat-file", "--batch-check", stdin_data: lines(shas)).lines.filter_map { |line| line[/\A(\h{40}) commit /, 1] }
    end

    def trees_of(pair) = pair.map { |sha| trees.fetch(sha) }
    def trees = @trees ||= { nil => EMPTY_TREE }

    def load_trees(shas)
      unknown = shas.uniq - trees.keys
      run("cat-file", "--batch-check=%(objectname)", stdin_data: lines(unknown.map { |sha| "#{sha}^{tree}" })).split("\n")
        .then { |found| trees.merge!(unknown.zip(found).to_h) }
    end

    def trees_of_all(pairs)
      load_trees(pairs.flatten)
      pairs.map { |pair| trees_of(pair) }.uniq
    end

    def diff_tree(trees, *options)
      run("diff-tree", "--stdin", "-r", "--full-index", *options, stdin_data: lines(trees.map { |pair| pair.join(" ") }))
    end

    # What the block makes of each part of an output by the two shas that announce it, in a line that no line of a patch looks like.
    def parts(output)
      _, *parts = output.split(/^(\h{40} \h{40})\n/n)
      parts.each_slice(2).to_h { |shas, text| [shas.split(" "), yield(text || "".b)] }
    end

    def shell(script, input)
      output, errors, status = Open3.capture3("sh", "-c", script, stdin_data: input, binmode: true, chdir: @directory)
      raise "git: #{errors}" unless status.success?

      output
    end

    def filter(patches)
      Open3.capture2("git", "patch-id", "--verbatim", stdin_data: patches, binmode: true).first
    end
  end
end
