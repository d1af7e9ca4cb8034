# frozen_string_literal: true

require "digest"

class ExpectedImport
  # The differences between what is expected and what is there, table by table, for people to read.
  class Comparison
    SHOWN = 5
    LONGEST_VALUE = 120

    def initialize(expected, actual)
      @expected = expected
      @actual = actual
    end

    def to_s = [*@expected.tables.keys.filter_map { |table| table_difference(table) }, *counter_difference, *oddities].join("\n")

    # "TABLE COUNT DIGEST" of what is expected: the same for the same content in any order.
    def self.digest(table, rows)
      "#{table} #{rows.size} #{Digest::SHA256.hexdigest(rows.map(&:inspect).sort.join("\n"))[0, 16]}"
    end

    private

    def table_difference(table)
      expected, actual = @expected.tables.fetch(table), @actual.table(table)
      wanted, found = expected.tally, actual.tally
      missing = rows_beyond(wanted, found)
      unexpected = rows_beyond(found, wanted)
      return if missing.empty? && unexpected.empty?

      ["#{table}: #{missing.sum(&:last)} missing, #{unexpected.sum(&:last)} not expected",
       "  expected #{self.class.digest(table, expected)}, found #{self.class.digest(table, actual)}",
       *shown("-", missing), *shown("+", unexpected)].join("\n")
    end

    def rows_beyond(rows, others)
      rows.filter_map { |row, count| [row, count - others.fetch(row, 0)] if count > others.fetch(row, 0) }
    end

    # Sorted, so that what is missing and what came instead are side by side.
    def shown(sign, rows)
      lines = rows.sort_by { |row, _| row.map(&:to_s) }.first(SHOWN).map { |row, count| "  #{sign} #{count} x #{readable(row)}" }
      rows.size > SHOWN ? lines << "  #{sign} ... and #{rows.size - SHOWN} others" : lines
    end

    def readable(row)
      row.map { |value| value.nil? ? "NULL" : value.inspect.then { |text| text.length > LONGEST_VALUE ? "#{text[0, LONGEST_VALUE]}..." : text } }.join(", ")
    end

    def counter_difference
      expected, actual = @expected.counters, @actual.counters
      expected == actual ? [] : ["counters: expected #{expected}, found #{actual}"]
    end

    def oddities = @actual.oddities.map { |what, count| "#{count} #{what}" }
  end
end
