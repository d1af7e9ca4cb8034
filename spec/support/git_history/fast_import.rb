# frozen_string_literal: true

require "open3"
require "tmpdir"

class GitHistory
  # A file of a tree: an octal mode and bytes; for a submodule the "bytes" are the sha of a commit elsewhere.
  Blob = Struct.new(:mode, :content) do
    def self.file(content) = new("100644", content)
    def self.script(content) = new("100755", content)
    def self.link(target) = new("120000", target)
    def self.submodule(sha) = new("160000", sha)
  end

  # A written commit: its mark, its whole tree (path => Blob) and its time.
  Commit = Struct.new(:mark, :tree, :time)

  # Writes commits with one `git fast-import`. Trees are given whole; what differs from the first parent goes into the stream.
  class FastImport
    WHO = "Ada Lovelace <ada@example.com>"

    def initialize(directory)
      @directory = directory
      @stream = File.join(Dir.mktmpdir("fast-import", directory), "stream")
      @file = File.open(@stream, "wb")
      @blobs = {}
      @mark = 0
    end

    # parents: Commits, the first of which the tree is compared with. encoding: the commit's encoding header.
    def commit(tree, time:, parents: [], message: "Change\n", author: WHO, committer: author, encoding: nil)
      changes = difference(parents.first&.tree || {}, tree)
      mark = next_mark
      # The branch has no meaning; each commit says what it grows from.
      @file << "reset refs/heads/writing\n\n" << "commit refs/heads/writing\nmark :#{mark}\n"
      @file << "author #{author} #{time} +0000\ncommitter #{committer} #{time} +0000\n".b
      @file << "encoding #{encoding}\n" if encoding
      data(message)
      parents.each_with_index { |parent, index| @file << (index.zero? ? "from" : "merge") << " :#{parent.mark}\n" }
      @file << changes.join << "\n"
      Commit.new(mark, tree, time)
    end

    # Ends the stream. Returns the shas by mark.
    def finish
      @file << "reset refs/heads/writing\nfrom 0000000000000000000000000000000000000000\n\ndone\n"
      @file.close
      marks = "#{@stream}.marks"
      _, errors, status = Open3.capture3("git", "-C", @directory, "fast-import", "--quiet", "--done", "--export-marks=#{marks}",
                                         stdin_data: File.binread(@stream))
      raise "git fast-import: #{errors}" unless status.success?

      File.readlines(marks, chomp: true).to_h { |line| line.delete_prefix(":").split(" ").then { |mark, sha| [Integer(mark), sha] } }
    ensure
      FileUtils.rm_rf(File.dirname(@stream))
    end

    private

    def next_mark = @mark += 1

    # Deletions come first, so that a file may become a directory and the other way round.
    def difference(old, new)
      deleted = old.keys - new.keys
      changed = new.reject { |path, blob| old[path] == blob }
      deleted.map { |path| "D #{quoted(path)}\n" } +
        changed.map { |path, blob| "M #{blob.mode} #{reference(blob)} #{quoted(path)}\n" }
    end

    def reference(blob)
      return blob.content if blob.mode == "160000"

      @blobs[blob.content] ||= next_mark.tap do |mark|
        @file << "blob\nmark :#{mark}\n"
        data(blob.content)
      end.then { |mark| ":#{mark}" }
    end

    def data(bytes) = @file << "data #{bytes.bytesize}\n" << bytes.b << "\n"

    def quoted(path)
      "\"#{path.b.gsub(%r{[^A-Za-z0-9._/ -]}n) { |byte| format("\\%03o", byte.ord) }}\""
    end
  end
end
