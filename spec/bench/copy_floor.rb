# frozen_string_literal: true

require "fileutils"

# The floor of an import: the rows that it wrote, copied into the same tables, with their indexes, checks and triggers, by one COPY
# a table and from files that the server reads itself. In one session, as fast as PostgreSQL takes rows from a single client.
class CopyFloor
  # kind: the class of the repository, which knows the tables. folder: one that the server may write.
  def initialize(kind, database, folder)
    @kind = kind
    @database = database
    @folder = folder
  end

  # Yields before each stage. Returns, by stage, the number of rows and the seconds it took to copy them.
  def run
    save
    before = checksums
    @database.query("SET client_min_messages = warning")
    @database.query("TRUNCATE #{(names + @kind::BY_TRIGGER).join(", ")} CASCADE")
    result = @kind::TABLES.to_h do |stage, tables|
      yield
      [stage, copy(stage, tables)]
    end
    raise "COPY has written other rows than the import" unless checksums == before

    result
  end

  private

  def names = @kind::TABLES.values.flatten.uniq

  def save
    @kind::TABLES.each do |stage, tables|
      tables.each { |name| copy_out("SELECT #{columns(name)} FROM #{name} WHERE #{condition(stage, name)}", file(stage, name)) }
    end
    @kind::LATER.each { |name, column| copy_out("SELECT id, #{column} FROM #{name}", file("later", name)) }
  end

  def copy_out(rows, file) = @database.query("COPY (#{rows}) TO '#{file}'")

  def copy(stage, tables)
    create_later_tables(tables)
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    tables.each { |name| @database.query("COPY #{name} (#{columns(name)}) FROM '#{file(stage, name)}'") }
    tables.each { |name| set_later(name) if @kind::LATER[name] }
    seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
    [tables.sum { |name| Integer(@database.value("SELECT count(*) FROM #{name} WHERE #{condition(stage, name)}")) }, seconds]
  end

  def create_later_tables(tables)
    @kind::LATER.slice(*tables).each { |name, column| @database.query("CREATE TEMPORARY TABLE later_#{name} (id bigint, #{column} bigint)") }
  end

  def set_later(name)
    column = @kind::LATER.fetch(name)
    @database.query("COPY later_#{name} FROM '#{file("later", name)}'")
    @database.query("UPDATE #{name} SET #{column} = later.#{column} FROM later_#{name} later WHERE later.id = #{name}.id")
  end

  # All but those that are generated or refer to what is not there yet.
  def columns(name)
    @database.value(<<~SQL, name, @kind::LATER[name])
      SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
      WHERE table_name = $1 AND table_schema = 'public' AND is_generated = 'NEVER' AND column_name IS DISTINCT FROM $2
    SQL
  end

  def file(stage, name) = File.join(@folder, "#{stage}-#{name}.copy")

  def condition(stage, name) = @kind::CONDITIONS.fetch([stage, name], "true")

  # Of whole rows, ids included.
  def checksums
    names.to_h { |name| [name, @database.query("SELECT count(*), sum(hashtextextended(t::text, 0)) FROM #{name} t").first.values] }
  end
end
