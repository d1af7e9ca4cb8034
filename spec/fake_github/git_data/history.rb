# frozen_string_literal: true

require_relative "lfs"
require_relative "pull"

# The history: a main line, pull requests that leave it and are partly merged back, branches and tags. Then the late pull requests,
# which a repository has or lacks.
class History
  # What the last pull request adds: wide, how many files more; large, a file of so many megabytes.
  def initialize(stream, specification, commits:, files:, wide: 0, large: 0)
    @stream = stream
    @specification = specification
    @commits = commits
    @wide = wide
    @large = large
    @contents = (1..files).to_h { |file| ["src/file-#{file}.c", content(file)] }
    @pulls = Pull.all(specification)
    @lfs = Lfs.new(specification.lfs, @pulls)
  end

  attr_reader :lfs

  def write(late:)
    write_root
    write_main_line(@pulls.reject(&:late))
    write_branches
    write_tags
    write_late_pulls if late
    @stream.remember("heads/main", @main)
  end

  private

  def content(file)
    (1..40).map { |line| "/* file #{file}, line #{line} */\nint value_#{file}_#{line} = #{line};\n" }.join
  end

  def write_root
    changes = [[:write, "README.md", "# Rocket\n\nÜber 30 °C 🚀\n"]]
    changes += @contents.map { |path, text| [:write, path, text] }
    changes += @pulls.flat_map(&:prepared).map { |path, text| [:write, path, text] }
    changes += @lfs.prepared
    @main = @previous = @stream.commit("refs/heads/main", "Start\n", changes, hours: 0)
  end

  def write_main_line(pulls)
    written = 0
    (1..@commits).each do |index|
      advance(index)
      upto = index * pulls.size / @commits
      pulls[written...upto].each { |pull| write_pull(pull) }
      written = upto
    end
  end

  def write_late_pulls
    @pulls.select(&:late).each_with_index do |pull, index|
      advance(@commits + index + 1)
      write_pull(pull)
    end
  end

  def path_of(index)
    @contents.keys[index % @contents.size]
  end

  # Changes one line and replaces another by two or none; files keep about their size.
  def edited(path, note)
    lines = @contents[path].lines
    place = note.sum % (lines.size - 10)
    lines[place] = "int edited = 1; /* #{note} */\n"
    lines[place + 8] = place.even? || lines.size < 60 ? "int first;\nint second; /* #{note} */\n" : ""
    lines.join
  end

  def move_main(mark)
    @previous = @main
    @main = mark
  end

  def advance(index)
    path = path_of(index)
    @contents[path] = edited(path, "main #{index}")
    changes = [[:write, path, @contents[path]], *(@lfs.removed if index == 1)]
    move_main(@stream.commit("refs/heads/main", "Change #{path} (#{index})\n", changes,
                             hours: [index, @commits].min * @specification.last_hour / @commits, from: @main))
  end

  def changes_of(pull)
    path = path_of(pull.ordinal)
    [[:write, path, edited(path, "pull #{pull.number}")], *pull.changes, *@lfs.changes_of(pull), *(big_changes if pull.equal?(@pulls.last))]
  end

  def big_changes
    changes = (1..@wide).map { |file| [:write, "wide/file-#{file}.txt", "file #{file}\n"] }
    changes << [:write, "large.txt", "#{"x" * 63}\n" * (@large << 14)] if @large.positive?
    changes
  end

  def write_pull(pull)
    base = pull.stacked? ? @head_below : @main
    start = pull.behind? ? @previous : base
    changes = changes_of(pull)
    head = write_commits(pull, changes, start)
    remember(pull, "base" => base, "start" => start, "head" => head)
    @stream.reference("refs/heads/#{pull.branch}", head) if pull.branch?
    merge_pull(pull, changes, base, head)
    @head_below = head
  end

  # The last of its commits.
  def write_commits(pull, changes, start)
    parts = pull.two_commits? ? changes.each_slice((changes.size + 1) / 2) : [changes]
    parts.each.with_index(1).inject(start) do |parent, (part, index)|
      commit = @stream.commit("refs/pull/#{pull.number}/head", "Work on pull request #{pull.number}, part #{index}\n", part,
                              hours: pull.number, from: parent)
      remember(pull, "first" => commit) if index == 1
      commit
    end
  end

  def remember(pull, marks)
    marks.each { |name, mark| @stream.remember("pull/#{pull.number}/#{name}", mark) }
  end

  def merge_pull(pull, changes, base, head)
    return unless pull.merged? || pull.open?

    ref = pull.merged? ? "refs/heads/main" : "refs/pull/#{pull.number}/merge"
    merge = @stream.commit(ref, "Merge pull request ##{pull.number}\n", changes, hours: pull.number, from: base, merge: head)
    remember(pull, "merge" => merge)
    return unless pull.merged?

    move_main(merge)
    path = path_of(pull.ordinal)
    @contents[path] = edited(path, "pull #{pull.number}")
  end

  def write_branches
    (1...@specification.branches).each do |index|
      tip = @stream.commit("refs/heads/branch-#{index}", "Start branch #{index}\n",
                           [[:write, "branch-#{index}.txt", "branch #{index}\n"]], hours: @specification.last_hour, from: @main)
      @stream.remember("heads/branch-#{index}", tip)
    end
  end

  # Odd ones annotated, even ones lightweight. Drafts (see objects/release.c) have no tag yet.
  def write_tags
    (1..@specification.releases).each do |ordinal|
      next if (ordinal % 11).zero?

      name = "v0.#{ordinal}.0"
      ordinal.odd? ? @stream.annotated_tag(name, @main, hours: ordinal * 24) : @stream.reference("refs/tags/#{name}", @main)
      @stream.remember("tags/#{name}", @main)
    end
  end
end
