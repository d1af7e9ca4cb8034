# frozen_string_literal: true

require "fileutils"

# The floor of an import: the rows that it wrote, copied into the same tables, with their indexes, checks and triggers, by one COPY
# a table and from files that the server reads itself. In one session, as fast as PostgreSQL takes rows from a single client.
class CopyFloor
  TABLES = {
    "issues" => ["issues", "issue_assignees", "label_links", "issue_search_data"],
    "comments" => ["notes"],
    "events" => ["notes", "system_note_metadata", "events", "resource_state_events", "resource_label_events"]
  }.freeze
  CONDITIONS = { ["comments", "notes"] => "NOT system", ["events", "notes"] => "system" }.freeze
  # Filled by triggers of `issues`.
  BY_TRIGGER = %w[work_item_positions work_item_transitions].freeze

  # folder: one that the server may write.
  def initialize(database, folder)
    @database = database
    @folder = folder
  end

  # Yields before each stage. Returns, by stage, the number of rows and the seconds it took to copy them.
  def run
    save
    before = checksums
    tables = TABLES.values.flatten.uniq + BY_TRIGGER
    @database.query("SET client_min_messages = warning")
    @database.query("TRUNCATE #{tables.join(", ")} CASCADE")
    result = TABLES.to_h do |stage, names|
      yield
      [stage, copy(stage, names)]
    end
    raise "COPY has written other rows than the import" unless checksums == before

    result
  end

  private

  def save
    each_file { |file, name, condition| @database.query("COPY (SELECT * FROM #{name} WHERE #{condition}) TO '#{file}'") }
  end

  def copy(stage, names)
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    names.each { |name| @database.query("COPY #{name} FROM '#{file(stage, name)}'") }
    seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
    [names.sum { |name| Integer(@database.value("SELECT count(*) FROM #{name} WHERE #{condition(stage, name)}")) }, seconds]
  end

  def each_file
    TABLES.each { |stage, names| names.each { |name| yield file(stage, name), name, condition(stage, name) } }
  end

  def file(stage, name) = File.join(@folder, "#{stage}-#{name}.copy")

  def condition(stage, name) = CONDITIONS.fetch([stage, name], "true")

  # Of whole rows, ids included.
  def checksums
    TABLES.values.flatten.uniq.to_h do |name|
      [name, @database.query("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM #{name} t").first.values]
    end
  end
end
