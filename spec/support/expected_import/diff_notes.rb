# frozen_string_literal: true

require "digest"
require_relative "blobs"
require_relative "diff_lines"
require_relative "suggestions"

class ExpectedImport
  # The rows of the comments on the diffs of pull requests: a LegacyDiffNote each, or a DiffNote when it suggests a change of a line that
  # the diff has. A thread is known by its first comment that was imported.
  class DiffNotes
    SUGGESTION = /^ {,3}(?<mark>```suggestion\b).*(?<end>\R)/
    MODE = "100644"

    def initialize(import, git, diffs)
      @import = import
      @diffs = diffs
      @blobs = Blobs.new(git)
      @blobs.prepare(import.repository.fetch("pulls").flat_map { |pull| files_to_read(pull) })
      @lines = {}
    end

    def add_to_rows(pull)
      comments = pull.fetch("review_comments")
      threads = threads_of(comments)
      notes = comments.each_with_index.filter_map { |comment, index| note(pull, comment, threads[index], index) }
      starts = notes.group_by { |note| note[:thread] }.transform_values { |thread| thread.map { |note| note[:created_at] }.min }
      notes.each { |note| add_note(note, "!#{pull["number"]} #{starts.fetch(note[:thread])}") }
    end

    private

    # Which comment begins the thread of each: a reply to a comment that is gone begins one of its own.
    def threads_of(comments)
      comments.each_with_index.map do |comment, index|
        comment["reply_to"] && comments[comment["reply_to"]] ? comment["reply_to"] : index
      end
    end

    # What the text of a comment without a hunk or with a suggestion depends on.
    def files_to_read(pull)
      pull.fetch("review_comments").flat_map do |comment|
        files = [[pull.dig("head", "sha"), comment["path"]]]
        comment["diff_hunk"].to_s.strip.empty? ? files << [original_commit(pull, comment), comment["path"]] : files
      end
    end

    def original_commit(pull, comment) = comment.fetch("original_commit_id") { pull.dig("head", "sha") }

    # nil: it was refused.
    def note(pull, comment, thread, index)
      suggesting = formatted(comment)
      author, found = @import.people.author(comment["user"])
      text = @import.markdown.format(suggesting || comment["body"], comment["user"], found, note: true)
      if @import.refused?(text)
        @import.refuse("diff_note", pull["number"].to_s, "MergeRequest")
        return
      end
      @import.count("diff_note")
      { pull: pull, comment: comment, author: author, text: text, thread: thread, starts: thread == index,
        created_at: comment["created_at"], line: suggesting && line_in_diff(pull, comment) }
    end

    # The text with GitLab's form of suggestions; nil when it has none.
    def formatted(comment)
      body = @import.markdown.raw(comment["body"].to_s)
      body.gsub(SUGGESTION) { "#{$~[:mark]}:-#{lines_above(comment)}+0#{$~[:end]}" } if body.match?(SUGGESTION)
    end

    def lines_above(comment)
      ranges = [%w[start_line line], %w[original_start_line original_line]].map { |names| comment.values_at(*names) }
      first, last = ranges.find(&:all?)
      first ? last - first : 0
    end

    def add_note(note, thread)
      number = "!#{note[:pull]["number"]}"
      model = note[:line] ? "DiffNote" : "LegacyDiffNote"
      text = @import.with_files("Note", note[:text])
      @import.add("notes", number, "f", note[:author], text, nil, note[:created_at], note[:comment]["updated_at"], GITHUB,
                  @import.namespace_of_note(note[:text], text))
      @import.refer(model, "author_id", note[:author])
      @import.add("diff_notes", name(note), model, original_commit(note[:pull], note[:comment]), thread,
                  *(note[:line] ? position_columns(note) : legacy_columns(note)))
      add_what_belongs_to(note) if note[:line]
    end

    def name(note) = "!#{note[:pull]["number"]} #{note[:created_at]}"

    # --- LegacyDiffNote: line_code, st_diff, position, original_position ---

    def legacy_columns(note)
      path = note[:comment]["path"]
      hunk = hunk(note)
      st_diff = { diff: hunk, new_path: path, old_path: path, a_mode: MODE, b_mode: MODE, new_file: false }
      [line_code(path, *last_numbers(note[:comment], hunk)), st_diff.inspect, nil, nil]
    end

    def last_numbers(comment, hunk)
      return [1, 1] if comment["subject_type"] == "file"

      DiffLines.parse(hunk).last.then { |line| [line.old_number, line.new_number] }
    end

    def hunk(note)
      comment = note[:comment]
      return comment["diff_hunk"] unless comment["diff_hunk"].to_s.strip.empty?

      number = comment["line"] || comment["original_line"] || 1
      line = @blobs.lines(original_commit(note[:pull], comment), comment["path"])[number - 1]
      "@@ -#{number},1 +#{number},1 @@\n#{line&.chomp || "context not found"}"
    end

    def line_code(path, old_number, new_number) = "#{Digest::SHA1.hexdigest(path)}_#{old_number}_#{new_number}"

    # --- DiffNote ---

    def file(pull, path)
      files = @diffs.files(pull["number"])
      files.find { |file| file["new_path"] == path } || files.find { |file| file["old_path"] == path }
    end

    def lines(pull, path)
      @lines[[pull["number"], path]] ||= begin
        file = file(pull, path)
        text = file ? file["diff"] : ""
        DiffLines.parse(file && file["binary"] == "t" ? ExpectedDiff::Text.encode(text.unpack1("m0")) : text)
      end
    end

    def number(comment) = comment["line"] || comment["original_line"]
    def added?(comment) = comment["side"] == "RIGHT"

    # Only lines that were added or removed: of others GitLab needs both numbers, and GitHub tells one.
    def line_in_diff(pull, comment)
      type = added?(comment) ? "+" : "-"
      lines(pull, comment["path"]).find do |line|
        line.type == type && (added?(comment) ? line.new_number : line.old_number) == number(comment)
      end
    end

    def position_columns(note)
      pull, comment, line = note.values_at(:pull, :comment, :line)
      position = position(pull, comment).inspect
      [line_code(file(pull, comment["path"])["new_path"], line.old_number, line.new_number), nil, position, position]
    end

    def position(pull, comment)
      diff = @diffs.diff(pull["number"])
      { base_sha: diff["base_commit_sha"], start_sha: diff["start_commit_sha"], head_sha: diff["head_commit_sha"], old_path: comment["path"],
        new_path: comment["path"], position_type: "text", old_line: added?(comment) ? nil : number(comment),
        new_line: added?(comment) ? number(comment) : nil, line_range: nil, ignore_whitespace_change: false }
    end

    def add_what_belongs_to(note)
      pull, comment, line = note.values_at(:pull, :comment, :line)
      file = file(pull, comment["path"])
      if note[:starts]
        @import.add("note_diff_files", name(note), shown_hunk(pull, comment, line),
                    *file.values_at("new_file", "renamed_file", "deleted_file", "a_mode", "b_mode", "old_path", "new_path"))
      end
      return unless line.type == "+"

      new_side = @blobs.lines(pull.dig("head", "sha"), comment["path"])
      Suggestions.rows(note[:text], new_side, line.new_number).each_with_index do |row, order|
        @import.add("suggestions", name(note), order.to_s, *row, "f", "f", nil)
      end
    end

    # The diff up to the line. The header of a hunk at the top of the file is no line; then there is one line more.
    def shown_hunk(pull, comment, line)
      lines = lines(pull, comment["path"])
      lines.first(lines.index(line) + (lines.first.type == "@" ? 1 : 2)).map(&:text).join("\n")
    end
  end
end
