# frozen_string_literal: true

# A text table: the columns named in `left` (by number) to the left, the others to the right.
class Table
  def initialize(header, rows, left: [0])
    @left = left
    @header = header
    @rows = rows.map { |row| row.map(&:to_s) }
  end

  def to_s
    lines = [line(@header), line(widths.map { |width| "-" * width })] + @rows.map { |row| line(row) }
    lines.join("\n")
  end

  private

  def widths = @widths ||= [@header, *@rows].transpose.map { |cells| cells.map(&:size).max }

  def line(cells)
    cells.each_with_index.map { |cell, i| @left.include?(i) ? cell.ljust(widths[i]) : cell.rjust(widths[i]) }.join("  ").rstrip
  end
end
