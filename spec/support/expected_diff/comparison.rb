# frozen_string_literal: true

class ExpectedDiff
  # The first difference between two ExpectedDiff::Rows, for people to read; nil when there is none.
  module Comparison
    # Letters shown of a text before and after where it begins to differ.
    BEFORE = 30
    AFTER = 70

    module_function

    def difference(expected, actual)
      return "there is no diff" unless actual

      Rows.members.lazy.filter_map { |member| list_difference(member, [expected[member]].flatten, [actual[member]].flatten) }.first
    end

    def list_difference(member, expected, actual)
      expected.zip(actual).each_with_index do |(row, other), index|
        return "#{member} #{index} is missing: #{shown(row.inspect)}" unless other

        column = row.keys.find { |name| row[name] != other[name] }
        return "#{[member, *label(row, index)].join(" ")}, #{column}: #{values(row[column], other[column])}" if column
      end
      "#{member}: #{actual.size} instead of #{expected.size}" if actual.size > expected.size
    end

    def label(row, index)
      name = row["new_path"] || row["sha"]
      name ? [index, name.inspect] : []
    end

    def values(expected, actual)
      return "expected #{shown(expected.inspect)}, is #{shown(actual.inspect)}" unless expected && actual

      from = [expected.each_char.zip(actual.each_char).index { |one, other| one != other } || [expected.size, actual.size].min, BEFORE].max - BEFORE
      "from letter #{from} on, expected #{shown(expected[from..].inspect)}, is #{shown(actual[from..].inspect)}"
    end

    def shown(text) = text.size > BEFORE + AFTER ? "#{text[0, BEFORE + AFTER]}…" : text
  end
end
