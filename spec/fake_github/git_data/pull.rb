# frozen_string_literal: true

# One generated pull request: where it comes from and what becomes of it, by the rules of pull_plan.c, and what it changes.
Pull = Struct.new(:ordinal, :number, :late) do
  def self.all(specification)
    (1..specification.pulls).map do |ordinal|
      new(ordinal, specification.pull_number(ordinal), ordinal > specification.pulls - specification.late)
    end
  end

  def own? = [7, 19, 23].none? { |period| (ordinal % period).zero? }
  def merged? = (1..6).cover?(ordinal % 10)
  def open? = [9, 0].include?(ordinal % 10)
  def stacked? = [8, 10].include?(ordinal % 20) && own? && with(ordinal: ordinal - 1).own?
  # The branch of the others is in a fork, or was deleted when they were closed, or without closing them.
  def branch? = own? && open? && !(ordinal % 30).zero?
  def branch = ordinal % 16 == 5 ? "feature/größe-#{number}" : "topic-#{number}"
  # It left the main line before the commit that GitHub calls its base.
  def behind? = ordinal % 3 == 2 && !stacked?
  def two_commits? = (ordinal % 4).zero?

  # What is there before, as [path, content], and what is changed (see Stream#commit).
  def prepared
    [([asset, "asset #{number}\n" * 20] if renames?),
     ([document, "# Document #{number}\n"] if deletes?),
     ([script, "#!/bin/sh\necho #{number}\n"] if changes_mode?),
     ([legacy_text, latin1("Größe #{number}\n" * 12)] if edits_latin1?)].compact
  end

  def changes
    [([:rename, asset, moved_asset] if renames?),
     ([:write, moved_asset, "#{"asset #{number}\n" * 19}edited\n"] if renames? && ordinal.even?),
     ([:delete, document] if deletes?),
     ([:executable, script, "#!/bin/sh\necho #{number}\n"] if changes_mode?),
     ([:link, "links/#{folder}/link-#{number}", "../../src/file-1.c"] if links?),
     ([:write, legacy_text, latin1("#{"Größe #{number}\n" * 6}Änderung\n#{"Größe #{number}\n" * 6}")] if edits_latin1?),
     ([:write, "images/#{folder}/#{number}.bin", [0, number, 255].pack("CNC") * 16] if binary?),
     ([:write, "tables/#{folder}/table-#{number}.c", long_table] if long?),
     ([:write, "new/#{folder}/new-#{number}.c", "int added = #{number};\n"] if two_commits?)].compact
  end

  private

  def with(ordinal:) = self.class.new(ordinal, number, late)

  def changes_mode? = (ordinal % 9).zero?
  def binary? = (ordinal % 11).zero?
  def renames? = (ordinal % 13).zero?
  def links? = (ordinal % 15).zero?
  def edits_latin1? = (ordinal % 16).zero?
  def deletes? = (ordinal % 17).zero?
  def long? = (ordinal % 25).zero?

  def long_table = (1..5000).map { |line| "int entry_#{line} = #{number};\n" }.join
  def latin1(text) = text.encode("ISO-8859-1").b

  # Folders stay small, so that commits stay cheap in large histories.
  def folder = ordinal / 50
  def asset = "assets/#{folder}/asset-#{number}.txt"
  def moved_asset = "moved/#{folder}/asset-#{number}.txt"
  def document = "docs/#{folder}/document-#{number}.md"
  def script = "scripts/#{folder}/run-#{number}.sh"
  def legacy_text = "legacy/#{folder}/text-#{number}.txt"
end
