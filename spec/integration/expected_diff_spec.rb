# frozen_string_literal: true

# The judge of diffs (spec/support/expected_diff.rb) is judged here: by git's own words and by small cases written out by hand.

require "minitest/autorun"
require "minitest/spec"
require "tmpdir"
require_relative "../support/expected_diff"
require_relative "../support/git_history"

describe ExpectedDiff do
  let(:directory) { Dir.mktmpdir("expected-diff") }
  after { FileUtils.rm_rf(directory) unless self.class.respond_to?(:history) }

  # A history of these trees (path => text or GitHistory::Blob), one commit after the other. Returns the shas.
  def history(*trees)
    system("git", "init", "--quiet", "--bare", directory, exception: true)
    import = GitHistory::FastImport.new(directory)
    commits = trees.each_with_index.reduce([]) do |list, (tree, index)|
      blobs = tree.to_h { |path, text| [path.b, text.is_a?(String) ? GitHistory::Blob.file(text.b) : text] }
      list << import.commit(blobs, time: 1_700_000_000 + index, parents: list.last(1))
    end
    import.finish.values_at(*commits.map(&:mark))
  end

  # The rows for the change from one tree to another.
  def rows(old, new, **limits)
    base, head = history(old, new)
    ExpectedDiff.new(directory, limits: limits).rows(base, head)
  end

  def file(old, new) = rows(old, new).files.fetch(0)
  def paths(rows) = rows.files.map { |row| row["new_path"] }

  describe "with many pairs at once" do
    # Made once.
    def self.history
      @history ||= Dir.mktmpdir("expected-diff").then do |folder|
        Minitest.after_run { FileUtils.rm_rf(folder) }
        [folder, GitHistory.generate(folder, random: 20)]
      end
    end

    let(:directory) { self.class.history.first }
    let(:history) { self.class.history.last }
    let(:pairs) { history.pulls.map { |pull| [pull.base, pull.head] } }
    let(:git) { ExpectedDiff::Git.new(directory) }
    let(:ranges) { git.ranges(pairs) }
    let(:sides) { pairs.filter_map { |base, head| [ranges[[base, head]].merge_base, head] if ranges[[base, head]].merge_base } }

    def diff(*arguments) = Open3.capture2("git", "-C", directory, "diff", "--full-index", *arguments, binmode: true).first

    it "says what `git diff` says about each" do
      patches = git.patches(sides)
      sides.each do |base, head|
        text = diff("--raw", "--patch", "--abbrev=40", "--find-renames=30%", base, head)
        assert_equal ExpectedDiff::Patch.parse(text), patches.fetch([base, head])
      end
    end

    it "has the patch id of `git diff | git patch-id` for each" do
      ids = git.patch_ids(sides)
      sides.each do |pair|
        id = Open3.capture2("git", "patch-id", "--verbatim", stdin_data: diff(*pair), binmode: true).first[/\h{40}/]
        assert_equal [pair, id], [pair, ids[pair]]
      end
    end

    it "has a history of at least 200 pull requests, always the same" do
      _(history.pulls.size).must_be :>=, 200
      Dir.mktmpdir("expected-diff") { |again| _(GitHistory.generate(again, random: 20).pulls).must_equal history.pulls }
    end
  end

  describe "the state" do
    it "is collected, with the number of files" do
      diff = rows({ "a" => "1\n" }, { "a" => "2\n", "b" => "3\n" }).diff
      _(diff.slice("state", "real_size", "commits_count", "files_count", "sorted").values).must_equal %w[collected 2 1 2 t]
    end

    it "is empty without a size when there is no commit" do
      old, new = history({ "a" => "1\n" }, { "a" => "2\n" })
      diff = ExpectedDiff.new(directory).rows(new, old).diff
      _(diff.values_at("state", "real_size", "commits_count", "base_commit_sha", "patch_id_sha", "sorted")).must_equal ["empty", nil, "0", old, nil, "f"]
    end

    it "is empty with the size 0 when commits change nothing" do
      diff = rows({ "a" => "1\n" }, { "a" => "1\n" }).diff
      _(diff.values_at("state", "real_size", "commits_count")).must_equal %w[empty 0 1]
    end

    it "is empty without a base when a commit is missing" do
      sha, = history({ "a" => "1\n" })
      diff = ExpectedDiff.new(directory).rows("0" * 39 + "1", sha).diff
      _(diff.values_at("state", "real_size", "base_commit_sha", "head_commit_sha")).must_equal ["empty", nil, nil, sha]
    end
  end

  describe "a limit" do
    let(:old) { { "a" => "" } }
    let(:three) { { "x" => "1\n", "y" => "2\n", "z" => "3\n" } }

    it "of files may be reached" do
      _(rows({}, three, files: 3).diff.values_at("state", "real_size")).must_equal %w[collected 3]
    end

    it "of files leaves out what is beyond" do
      rows = rows({}, three, files: 2)
      _(rows.diff.values_at("state", "real_size", "files_count")).must_equal %w[overflow 2+ 2]
      _(paths(rows)).must_equal %w[x y]
    end

    it "of lines leaves out the file that reaches it" do
      _(rows({}, three, lines: 3).diff["real_size"]).must_equal "2+"
      FileUtils.rm_rf(directory)
      _(rows({}, three, lines: 4).diff["real_size"]).must_equal "3"
    end

    it "of bytes leaves out the file that reaches it, hunk headers not counted" do
      _(rows({}, three, bytes: 9).diff["real_size"]).must_equal "2+"
      FileUtils.rm_rf(directory)
      _(rows({}, three, bytes: 10).diff["real_size"]).must_equal "3"
    end

    it "of a patch's bytes empties it, hunk header counted, and takes it off the other limits" do
      # "@@ -0,0 +1 @@\n+1234567\n" has 23 bytes.
      new = { "x" => "1234567\n", "y" => "1\n" }
      rows = rows({}, new, patch_bytes: 23, lines: 2)
      _(rows.files.map { |row| row.values_at("new_path", "too_large", "diff") }).must_equal [["x", "t", ""], ["y", "f", "@@ -0,0 +1 @@\n+1\n"]]
      FileUtils.rm_rf(directory)
      _(rows({}, new, patch_bytes: 24).files.map { |row| row["too_large"] }).must_equal %w[f f]
    end

    it "may be reached in git's order only, whatever the order of the rows" do
      # Git: a.b, a/b, z. GitLab: a/b, a.b, z.
      _(paths(rows({}, { "a.b" => "1\n", "a/b" => "2\n", "z" => "3\n" }, files: 2))).must_equal %w[a/b a.b]
      FileUtils.rm_rf(directory)
      _(paths(rows({}, { "a.b" => "1\n", "a/b" => "2\n", "z" => "3\n" }, files: 1))).must_equal %w[a.b]
    end
  end

  describe "a file" do
    it "is without the header lines" do
      row = file({ "a" => "1\n2\n" }, { "a" => "1\n3\n" })
      _(row["diff"]).must_equal "@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"
      _(row.values_at("old_path", "new_path", "a_mode", "b_mode", "new_file", "deleted_file", "renamed_file", "binary", "too_large"))
        .must_equal %w[a a 100644 100644 f f f f f]
    end

    it "that is new or deleted has one mode 0" do
      _(file({}, { "a" => "1\n" }).values_at("a_mode", "b_mode", "new_file", "deleted_file")).must_equal %w[0 100644 t f]
      FileUtils.rm_rf(directory)
      _(file({ "a" => "1\n" }, {}).values_at("a_mode", "b_mode", "new_file", "deleted_file")).must_equal %w[100644 0 f t]
    end

    it "that was renamed is one row, from 30 % of similarity on" do
      text = (1..100).map { |number| "line #{number}\n" }
      row = file({ "a" => text.join }, { "b" => text.first(40).join })
      _(row.values_at("old_path", "new_path", "renamed_file")).must_equal %w[a b t]
      FileUtils.rm_rf(directory)
      _(rows({ "a" => text.join }, { "b" => text.first(20).join }).files.size).must_equal 2
    end

    it "of another type is a deletion and an addition of one path" do
      rows = rows({ "a" => "1\n", "b/c" => "x\n" }, { "a" => GitHistory::Blob.link("b"), "b/c" => "y\n" })
      _(rows.files.map { |row| row.values_at("relative_order", "new_path", "a_mode", "b_mode", "diff") })
        .must_equal [["0", "b/c", "100644", "100644", "@@ -1 +1 @@\n-x\n+y\n"],
                     ["1", "a", "100644", "0", "@@ -1 +0,0 @@\n-1\n"],
                     ["2", "a", "0", "120000", "@@ -0,0 +1 @@\n+b\n\\ No newline at end of file\n"]]
    end

    it "that only changed its mode or name has no text" do
      _(file({ "a" => "1\n" }, { "a" => GitHistory::Blob.script("1\n") }).values_at("a_mode", "b_mode", "diff")).must_equal ["100644", "100755", ""]
      FileUtils.rm_rf(directory)
      _(file({ "a" => "1\n" }, { "b" => "1\n" }).values_at("renamed_file", "diff")).must_equal ["t", ""]
    end

    it "that is a submodule has git's line about it" do
      _(file({}, { "a" => GitHistory::Blob.submodule("1" * 40) })["diff"]).must_equal "@@ -0,0 +1 @@\n+Subproject commit #{"1" * 40}\n"
    end

    it "that is binary has git's line about it" do
      row = file({ "a" => "1\0" }, { "a" => "2\0" })
      _(row.values_at("diff", "binary")).must_equal ["Binary files a/a and b/a differ\n", "f"]
    end

    it "with a late NUL is in base64, without line breaks" do
      row = file({}, { "a" => "#{"x" * 8000}\0\n" })
      _(row.values_at("diff", "binary")).must_equal [["@@ -0,0 +1 @@\n+#{"x" * 8000}\0\n"].pack("m0"), "t"]
    end

    it "of Latin-1 is UTF-8" do
      french = GitHistory::Contents.french.force_encoding("ISO-8859-1").encode("UTF-8")
      _(file({}, { "a" => GitHistory::Contents.french })["diff"]).must_equal "@@ -0,0 +1,6 @@\n#{french.gsub(/^/, "+")}"
    end

    it "loses the bytes of half a character" do
      _(file({}, { "a" => "caf\xC3\n" })["diff"]).must_equal "@@ -0,0 +1 @@\n+caf\n"
    end

    it "may have a name that is no UTF-8" do
      _(file({}, { "caf\xC3.txt" => "1\n" }).values_at("new_path", "encoded_file_path")).must_equal %w[caf.txt t]
      FileUtils.rm_rf(directory)
      _(file({}, { "café \"\t\\" => "1\n" }).values_at("new_path", "encoded_file_path")).must_equal ["café \"\t\\", "f"]
    end
  end

  it "sorts folders before files, in each folder" do
    new = %w[a-b a.b a/b a/c/d a/c-d b z/y/x z/a].to_h { |path| [path, "#{path}\n"] }
    _(paths(rows({}, new))).must_equal %w[a/c/d a/b a/c-d z/y/x z/a a-b a.b b]
  end

  describe "a commit" do
    def row(**lines)
      base, head = history({ "a" => "1\n" }, { "a" => "2\n" })
      ExpectedDiff.new(directory).rows(base, GitHistory::OddCommits.new(directory).write(head, **lines)).commits.fetch(0)
    end

    it "has its people, times and whole message" do
      row = row(author: "A B <a@example.com> 1700000000 +0100", committer: "C <c@example.com> 1700000001 +0000", message: "S\n\nB\n")
      _(row.except("sha").values).must_equal ["2023-11-14 22:13:20", "2023-11-14 22:13:21", "S\n\nB\n", "A B", "a@example.com", "C", "c@example.com"]
    end

    it "has no blank names, and none above 512 characters" do
      row = row(author: "  <#{"é" * 600}> 1700000000 +0000")
      _(row.values_at("author_name", "author_email")).must_equal [nil, "é" * 512]
    end

    it "has no time that 32 bits cannot hold" do
      ["2147483648", "-1", "99999999999999999999", "never"].each do |time|
        _(row(author: "A <a@example.com> #{time} +0000")["authored_date"]).must_equal "2038-01-19 03:14:07"
        FileUtils.rm_rf(directory)
      end
    end
  end

  it "tells commits newest first, and those only that the base has not" do
    shas = history(*(1..4).map { |number| { "a" => "#{number}\n" } })
    rows = ExpectedDiff.new(directory).rows(shas[1], shas[3])
    _(rows.commits.map { |row| row["sha"] }).must_equal [shas[3], shas[2]]
    _(rows.diff["base_commit_sha"]).must_equal shas[1]
  end
end
