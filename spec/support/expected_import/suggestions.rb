# frozen_string_literal: true

class ExpectedImport
  # What the blocks of a comment's text suggest: lib/gitlab/diff/suggestions_parser.rb and suggestion.rb. Blocks within lists and
  # quotations are not looked for.
  module Suggestions
    Block = Struct.new(:above, :below, :content)
    FENCE = /\A {0,3}(?<fence>`{3,}(?=[^`]*\z)|~{3,})(?<info>.*)\z/
    LANGUAGE = /\Asuggestion(:(-(?<above>\d+))?(\+(?<below>\d+))?)?(\s|\z)/
    MOST_LINES = 100

    module_function

    # from_content, to_content, lines_above and lines_below of each. line: the new number of the line that the comment is on.
    # file: the lines of the file's new side.
    def rows(text, file, line)
      blocks(text).map do |block|
        from = [line - [block.above, MOST_LINES].min, 1].max
        replaced = (file[from - 1..line - 1 + [block.below, MOST_LINES].min] || []).join
        [replaced, replacement(block.content, replaced), block.above.to_s, block.below.to_s]
      end
    end

    # The last line ends as that of those that are replaced.
    def replacement(content, replaced)
      content.match?(/\A[[:space:]]*\z/) ? "" : content + replaced.lines.last.to_s[/\r\n|\r|\n/].to_s
    end

    def blocks(text)
      lines = text.split("\n", -1).map { |line| line.delete_suffix("\r") }
      found = []
      while (line = lines.shift)
        next unless (opened = line.match(FENCE))

        content = lines.take_while { |candidate| !candidate.match?(/\A {0,3}#{opened[:fence]}#{opened[:fence][0]}*\s*\z/) }
        lines.shift(content.size + 1)
        found << block(opened, content, line[/\A */].size) if opened[:info].strip.match?(LANGUAGE)
      end
      found
    end

    # As many spaces as the fence has are not part of the content.
    def block(opened, content, indent)
      range = opened[:info].strip.match(LANGUAGE)
      Block.new(range[:above].to_i, range[:below].to_i, content.map { |line| line.sub(/\A {0,#{indent}}/, "") }.join("\n"))
    end
  end
end
