# frozen_string_literal: true

class ExpectedDiff
  # One file of `git diff --raw --patch` as Gitaly's parser takes it apart (internal/gitaly/diff/diff.go): bytes, untouched.
  #
  # body: from the first "@@" on, or the line of a binary file. lines, bytes: those that count against the limits, which those that
  # begin with "@@" do not.
  Patch = Struct.new(:old_mode, :new_mode, :old_id, :new_id, :old_path, :new_path, :body, :lines, :bytes) do
    # Another type of file is a deletion and an addition, in the raw list too.
    def self.parse(text)
      raw, patches = text.split("\n\n", 2)
      entries = (raw || "").split("\n").flat_map { |line| self::Raw.entries(line) }
      bodies = (patches || "").split(/^(?=diff --git )/n).map { |patch| patch[/^(@@|Binary files ).*\z/mn] || "".b }
      raise "#{entries.size} files, #{bodies.size} patches" unless entries.size == bodies.size

      entries.zip(bodies).map { |entry, body| new(*entry, body, *count(body)) }
    end

    def self.count(body)
      counted = body.lines.reject { |line| line.start_with?("@@") }
      [counted.size, counted.sum(&:bytesize)]
    end

    def new_file? = old_id.count("0") == old_id.size
    def deleted_file? = new_id.count("0") == new_id.size
    def renamed_file? = old_path != new_path
  end

  # A line of the raw format: ":100644 100644 SHA SHA R090\told\tnew".
  module Patch::Raw
    ZERO = "0" * 40
    ESCAPES = { "a" => "\a", "b" => "\b", "t" => "\t", "n" => "\n", "v" => "\v", "f" => "\f", "r" => "\r" }.freeze

    module_function

    def entries(line)
      head, *paths = line.b.split("\t")
      old_mode, new_mode, old_id, new_id, status = head.delete_prefix(":").split(" ")
      old_path, new_path = unquoted(paths.first), unquoted(paths.last)
      return [[old_mode, new_mode, old_id, new_id, old_path, new_path]] unless status == "T"

      [[old_mode, "000000", old_id, ZERO, old_path, new_path], ["000000", new_mode, ZERO, new_id, old_path, new_path]]
    end

    def unquoted(path)
      return path unless path.start_with?('"')

      path[1..-2].gsub(/\\(\d{3}|.)/mn) { $1.size == 3 ? $1.to_i(8).chr : ESCAPES.fetch($1, $1) }
    end
  end
end
