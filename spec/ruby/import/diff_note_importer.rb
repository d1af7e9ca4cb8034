# frozen_string_literal: true

require "digest/sha1"
require "yaml"
require_relative "importers"
require_relative "merge_request_diff"

module Gitlab
  # lib/gitlab/diff/
  module Diff
    Line = Struct.new(:text, :type, :index, :old_pos, :new_pos) do
      def meta? = %w[match new-nonewline old-nonewline].include?(type)
      def old_line = (old_pos unless type == "new" || meta?)
      def new_line = (new_pos unless type == "old" || meta?)
    end

    # lib/gitlab/diff/parser.rb
    class Parser
      FILE_NAMES = ["--- /dev/null", "+++ /dev/null", "--- a", "+++ b", "+++ a", "--- /tmp/diffy", "+++ /tmp/diffy"].freeze
      TYPES = { "+" => "new", "-" => "old" }.freeze

      def self.parse(text) = text.start_with?("Binary files ") ? [] : new.parse(text)

      def parse(text)
        @lines = []
        @old = @new = 1
        type = side = nil
        text.each_line do |line|
          next if type.nil? && line.start_with?(*FILE_NAMES)

          type = line.start_with?("@@ -") ? "match" : TYPES[line[0]]
          type = "#{side}-nonewline" if line[0] == "\\"
          type == "match" ? start_hunk(line) : add(line, type)
          side = TYPES.fetch(line[0], side)
        end
        @lines
      end

      private

      # The header of a hunk at the top of the file is no line.
      def start_hunk(line)
        @old, @new = [/-(\d+)/, /\+(\d+)/].map { |number| line[number, 1].to_i }
        @lines << Line.new(line.delete("\n"), "match", @lines.size, @old, @new) if @old > 1 || @new > 1
      end

      def add(line, type)
        @lines << Line.new(line.delete("\n"), type, @lines.size, @old, @new)
        @old += 1 unless %w[+ \\].include?(line[0])
        @new += 1 unless %w[- \\].include?(line[0])
      end
    end

    # lib/gitlab/diff/position.rb: stored as YAML.
    Position = Struct.new(:base_sha, :start_sha, :head_sha, :old_path, :new_path, :old_line, :new_line, keyword_init: true) do
      def encode_with(coder)
        coder["attributes"] = { base_sha: base_sha, start_sha: start_sha, head_sha: head_sha, old_path: old_path, new_path: new_path,
                                position_type: "text", old_line: old_line, new_line: new_line, line_range: nil, ignore_whitespace_change: false }
      end

      def complete? = start_sha && head_sha && (old_line || new_line)
    end

    def self.line_code(path, line) = "#{Digest::SHA1.hexdigest(path)}_#{line.old_pos}_#{line.new_pos}"
  end

  module GithubImport
    module Importer
      # lib/gitlab/github_import/importer/diff_note_importer.rb
      class DiffNoteImporter < Base
        SUGGESTION = /^ {,3}```suggestion\b.*(?<eol>\R)/.freeze
        # One that nothing closes goes on to the end.
        FENCE = /^```suggestion(?::-(?<above>\d+)\+0)?(?:\n(?<text>.*?)(?:^ {,3}```[ \t]*$|\z)|\z)/m.freeze
        FURTHEST = 100

        def execute
          return unless merge_request

          (suggestion? && create_diff_note) || create_legacy_diff_note
        end

        private

        def merge_request
          @merge_request ||= Finder.merge_requests(project).id_for("MergeRequest/#{object["noteable_id"]}")&.then { |id| MergeRequest.find(id) }
        end

        def suggestion? = object["note"].to_s.match?(SUGGESTION)
        def line_number = object["end_line"] || object["original_end_line"]
        def refer(model, id) = users.push_placeholder_reference(object["author"], model, id, "author_id")

        # Representation::DiffNotes::SuggestionFormatter
        def body
          above = [%w[start_line end_line], %w[original_start_line original_end_line]].map { |lines| object.values_at(*lines) }
                                                                                     .find(&:all?)&.then { |first, last| last - first } || 0
          MarkdownText.format(object["note"].to_s.gsub(SUGGESTION) { "```suggestion:-#{above}+0#{$~[:eol]}" }, project)
        end

        def attributes(type)
          { type: type, noteable_type: "MergeRequest", noteable_id: merge_request.id, project_id: project.id, system: false,
            author_id: users.author_id_for(object["author"]), note: body, discussion_id: object["discussion_id"],
            commit_id: object["original_commit_id"], created_at: time("created_at"), updated_at: time("updated_at"), imported_from: GITHUB }
        end

        # --- LegacyDiffNote: validated as a model, inserted without callbacks

        def create_legacy_diff_note
          note = Note.new(attributes("LegacyDiffNote").merge(line_code: legacy_line_code, st_diff: YAML.dump(diff_hash)))
          note.importing = true
          note.validate!
          refer("LegacyDiffNote", Note.insert(note.attributes.compact, returning: %w[id]).rows.first.first)
        end

        def legacy_line_code
          line = object["subject_type"] == "file" ? Diff::Line.new(nil, nil, 0, 1, 1) : Diff::Parser.parse(hunk).last
          Diff.line_code(object["file_path"], line)
        end

        def diff_hash
          { diff: hunk, new_path: object["file_path"], old_path: object["file_path"], a_mode: "100644", b_mode: "100644", new_file: false }
        end

        # One is made up for a comment that has none.
        def hunk
          return object["diff_hunk"] if object["diff_hunk"].present?

          number = line_number || 1
          text = Repository.new(project).file(object["original_commit_id"], object["file_path"])
          "@@ -#{number},1 +#{number},1 @@\n#{text&.lines&.at(number - 1)&.chomp || "context not found"}"
        end

        # --- DiffNote

        # nil: the line is not in the diff.
        def create_diff_note
          line = position.complete? && diff_lines.reverse.find { |candidate| position.old_line == candidate.old_line && position.new_line == candidate.new_line }
          return unless line

          yaml = YAML.dump(position)
          note = Note.create!(attributes("DiffNote").merge(position: yaml, original_position: yaml, importing: true,
                                                           line_code: Diff.line_code(file.new_path || file.old_path, line)))
          create_diff_file(note, line) if starts_discussion?
          create_suggestions(note) if line.type == "new"
          refer("DiffNote", note.id)
          note
        end

        # A reply to a comment that is gone has a discussion of its own.
        def starts_discussion?
          own = "github-importer/discussion-id-map/#{project.import_source[%r{[^/]+\z}]}/#{object["noteable_id"]}/#{object["note_id"]}"
          object["in_reply_to_id"].nil? || Cache::Import::Caching.read(own).present?
        end

        def diff = @diff ||= MergeRequestDiff.find_by(id: merge_request.latest_merge_request_diff_id) || MergeRequestDiff.new
        def diff_lines = file&.diff ? Diff::Parser.parse(file.diff) : []

        def file
          @file ||= MergeRequestDiffFile.where(merge_request_diff_id: diff.id).order(:relative_order)
                                        .find_by("coalesce(new_path, old_path) = :path OR old_path = :path", path: object["file_path"])
        end

        def position
          @position ||= Diff::Position.new(
            base_sha: diff.base_commit_sha, start_sha: diff.start_commit_sha, head_sha: diff.head_commit_sha, old_path: object["file_path"],
            new_path: object["file_path"], **(object["side"] == "RIGHT" ? { new_line: line_number } : { old_line: line_number })
          )
        end

        # Up to the line, and one further where the first header is left out.
        def create_diff_file(note, line)
          last = line.index + (diff_lines.first.type == "match" ? 0 : 1)
          NoteDiffFile.create!(**file.attributes.slice(*%w[new_file renamed_file deleted_file a_mode b_mode old_path]).symbolize_keys,
                               new_path: file.new_path || file.old_path, diff_note_id: note.id, diff: diff_lines.first(last + 1).map(&:text).join("\n"))
        end

        def create_suggestions(note)
          note.note.gsub("\r\n", "\n").scan(FENCE).each_with_index do |(above, text), order|
            from = replaced_lines(above.to_i)
            last_end = from[/\r?\n\z/]
            Suggestion.create!(note_id: note.id, relative_order: order, lines_above: above.to_i, lines_below: 0, from_content: from,
                               to_content: text.blank? ? "" : "#{text.chomp("\n")}#{last_end}")
          end
        end

        def replaced_lines(above)
          first = [line_number - [above, FURTHEST].min, 1].max
          lines = Repository.new(project).file(diff.head_commit_sha, file.new_path || file.old_path)&.lines || []
          (lines[(first - 1)..(line_number - 1)] || []).join
        end
      end
    end
  end
end
