# frozen_string_literal: true

require_relative "text"

class ExpectedDiff
  # The rows of merge_request_diff_files: Gitaly's limits (internal/gitaly/diff/diff.go), Gitlab::Git::Diff, the order of
  # lib/gitlab/diff/file_collection_sorter.rb and the base64 of app/models/merge_request_diff.rb.
  class Files
    attr_reader :rows

    def initialize(patches, limits)
      @limits = limits
      rows = within_limits(patches).map { |patch, too_large| row(patch, too_large) }
      @overflow = rows.size < patches.size
      @rows = sorted(rows).each_with_index.map { |row, index| { "relative_order" => index.to_s, **row } }
    end

    def overflow? = @overflow
    def real_size = "#{rows.size}#{"+" if overflow?}"

    private

    # The file that reaches a limit is left out with all that follow. What is too large does not count, but its lines that begin with
    # "@@", which were not counted, are taken off all the same.
    def within_limits(patches)
      lines = bytes = 0
      patches.each.with_index(1).take_while do |patch, files|
        too_large = too_large?(patch)
        lines += patch.lines unless too_large
        bytes += patch.bytes - (too_large ? patch.body.bytesize : 0)
        files <= @limits[:files] && lines < @limits[:lines] && bytes < @limits[:bytes]
      end.map { |patch, _| [patch, too_large?(patch)] }
    end

    def too_large?(patch) = patch.body.bytesize >= @limits[:patch_bytes]

    def row(patch, too_large)
      text, binary = too_large ? ["", false] : storable(patch.body)
      old_path, new_path = Text.encode(patch.old_path), Text.encode(patch.new_path)
      { "old_path" => old_path, "new_path" => new_path, "a_mode" => mode(patch.old_mode), "b_mode" => mode(patch.new_mode),
        "new_file" => flag(patch.new_file?), "deleted_file" => flag(patch.deleted_file?), "renamed_file" => flag(patch.renamed_file?),
        "too_large" => flag(too_large), "binary" => flag(binary), "diff" => text, "generated" => nil,
        "encoded_file_path" => flag(old_path.b != patch.old_path || new_path.b != patch.new_path),
        "external_diff_offset" => nil, "external_diff_size" => nil }
    end

    # encode_in_base64?
    def storable(body)
      text = Text.encode(body)
      base64 = text.include?("\0") || (text.encoding == Encoding::BINARY && !text.ascii_only?)
      base64 ? [[text].pack("m0"), true] : [text, false]
    end

    def mode(text) = text.to_i(8).to_s(8)
    def flag(value) = value ? "t" : "f"

    # Both halves of a change of type have one path; they stay as they are.
    def sorted(rows)
      rows.each_with_index.sort { |(one, first), (other, second)| order(parts(one), parts(other)).nonzero? || first <=> second }.map(&:first)
    end

    def parts(row) = (row["new_path"].empty? ? row["old_path"] : row["new_path"]).split("/")

    # Folders before files, in each folder.
    def order(one, other)
      folder, other_folder = one.size > 1, other.size > 1
      return folder ? -1 : 1 if folder != other_folder

      by_name = one.first <=> other.first
      by_name.zero? && folder ? order(one.drop(1), other.drop(1)) : by_name
    end
  end
end
