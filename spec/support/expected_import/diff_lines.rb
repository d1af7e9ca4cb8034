# frozen_string_literal: true

class ExpectedImport
  # The lines of a diff as lib/gitlab/diff/parser.rb counts them.
  #
  # type: "+", "-", " ", "\\", or "@" for the header of a hunk that does not begin at the top of the file.
  DiffLine = Struct.new(:type, :old_number, :new_number, :text)

  module DiffLines
    FILE_NAME = %r{\A(--- /dev/null|\+\+\+ /dev/null|--- a|\+\+\+ b|\+\+\+ a|--- /tmp/diffy|\+\+\+ /tmp/diffy)}
    HEADER = /\A@@ -/
    BINARY = /\ABinary files .* and .* differ/

    module_function

    def parse(diff)
      return [] if diff.match?(BINARY)

      old = new = 1
      in_content = false
      diff.lines.filter_map do |line|
        next if line.match?(FILE_NAME) && !in_content

        text = line.delete("\n")
        in_content = !context?(text)
        if line.match?(HEADER)
          old, new = [/-(\d*)/, /\+(\d*)/].map { |number| line[number, 1].to_i }
          next old <= 1 && new <= 1 ? nil : DiffLine.new("@", old, new, text)
        end
        parsed = DiffLine.new(context?(text) ? " " : text[0], old, new, text)
        old += 1 if "- ".include?(parsed.type)
        new += 1 if "+ ".include?(parsed.type)
        parsed
      end
    end

    def context?(text) = !text.match?(HEADER) && !text.start_with?("+", "-", "\\")
  end
end
