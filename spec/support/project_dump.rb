# frozen_string_literal: true

require "digest"
require "yaml"
require_relative "project_dump/references"

# Everything that belongs to one project, in all tables, as text: one line per row, sorted, without NULLs.
#
# Two imports of the same data give the same text, byte by byte, although ids, clocks and random values differ:
#   - ids are left out and references are written by natural key (issues(iid=3)), or by a digest of the row referred to;
#   - a time not older than the project is <now>, also one of an LFS object, which all projects share; older times (GitHub's) are written as
#     they are;
#   - YAML is written by what it holds: libraries lay it out as they like;
#   - random or secret values are written by their column's name; discussion ids by a digest of the discussion's notes;
#   - the project's own path, its group and loopback addresses inside texts are replaced, the secret of an upload by what it keeps.
# import_failures are left out unless asked for: a retried attempt leaves one, an undisturbed import does not.
class ProjectDump
  VOLATILE = %w[incoming_email_token feed_token static_object_token jid correlation_id_value runners_token runners_token_encrypted uuid encrypted_credentials
                encrypted_credentials_iv encrypted_credentials_salt disk_path secret].freeze
  USER_NAMES = { "users" => %w[username email] }.freeze
  YAML_COLUMNS = %w[st_diff position original_position].freeze
  LEFT_OUT = %w[loose_foreign_keys_deleted_records namespaces_sync_events projects_sync_events
                project_authorizations_for_migration].freeze

  def initialize(database, project_id, import_failures: false)
    @database = database
    @project = database.query("SELECT projects.*, routes.path AS full_path, namespaces.traversal_ids[1] AS root_id " \
                              "FROM projects JOIN routes ON routes.namespace_id = project_namespace_id " \
                              "JOIN namespaces ON namespaces.id = project_namespace_id WHERE projects.id = $1", project_id).first
    @left_out = import_failures ? LEFT_OUT : LEFT_OUT + ["import_failures"]
    @references = References.new(database)
    @rows = {}
    @labels = {}
  end

  def to_s
    lines = tables.sort.flat_map do |table|
      rows(table).map { |row| line(table, row, discussions: true) }.sort
    end
    lines.join("\n") << "\n"
  end

  private

  attr_reader :project

  def tables = @references.columns.keys - @left_out

  def rows(table)
    @rows[table] ||= begin
      condition = scope(table)
      found = condition ? @database.query("SELECT * FROM #{table} WHERE #{condition}") : []
      table == "import_source_user_placeholder_references" ? found.select { |row| refers_to_project?(row) } : found
    end
  end

  # Which rows of a table are the project's. Most tables have the answer in a sharding key.
  def scope(table)
    id, namespace_id, root_id = project.values_at("id", "project_namespace_id", "root_id")
    case table
    when "projects" then "id = #{id}"
    when "namespaces" then "id = #{namespace_id}"
    when "users" then "id IN (SELECT placeholder_user_id FROM import_source_users WHERE namespace_id = #{root_id})"
    when "import_source_users", "import_source_user_placeholder_references", "namespace_import_users" then "namespace_id = #{root_id}"
    when "lfs_objects" then "id IN (SELECT lfs_object_id FROM lfs_objects_projects WHERE project_id = #{id})"
    when "merge_request_diff_commits"
      "merge_request_diff_id IN (SELECT id FROM merge_request_diffs WHERE project_id = #{id})"
    else by_sharding_key(table, id, namespace_id)
    end
  end

  def by_sharding_key(table, id, namespace_id)
    columns = @references.columns.fetch(table).keys
    conditions = %w[project_id target_project_id protected_branch_project_id].intersection(columns).map { |column| "#{column} = #{id}" }
    conditions += %w[namespace_id member_namespace_id].intersection(columns).map { |column| "#{column} = #{namespace_id}" }
    conditions.empty? ? nil : conditions.join(" OR ")
  end

  def refers_to_project?(row)
    @references.of(row, "import_source_user_placeholder_references", "numeric_key") do |table|
      return rows(table).any? { |candidate| candidate["id"] == row["numeric_key"] }
    end
    row["composite_key"].to_s[/"issue_id": (\d+)/, 1]&.then { |issue| rows("issues").any? { |candidate| candidate["id"] == issue } }
  end

  def line(table, row, discussions:)
    values = row.filter_map do |column, raw|
      next if raw.nil? || column == "id"

      "#{column}=#{column == "discussion_id" && !discussions ? "<discussion>" : value(table, column, raw, row)}"
    end
    "#{table} #{values.join(" ")}"
  end

  def value(table, column, raw, row)
    return "<#{column}>" if VOLATILE.include?(column) || USER_NAMES[table]&.include?(column)
    return discussion(raw) if column == "discussion_id"
    return YAML.safe_load(raw.sub(/!ruby\S+/, ""), permitted_classes: [Symbol]).inspect if YAML_COLUMNS.include?(column)

    @references.of(row, table, column) { |target| return label(target, raw) }
    @references.array_of(column) { |target| return raw.delete("{}").split(",").map { |id| label(target, id) }.sort.to_s }
    return composite(raw) if column == "composite_key"

    type = @references.columns.fetch(table).fetch(column)
    type.start_with?("timestamp") && (recent?(raw) || table == "lfs_objects") ? "<now>" : text(raw)
  end

  # The values are comparable as text: both are UTC and in ISO order.
  def recent?(timestamp) = timestamp[0, 19] >= project["created_at"][0, 19]

  def text(raw)
    masked = raw.gsub(project["full_path"], "<project>")
                .gsub(/\b(?:127\.0\.0\.1|localhost):\d+/, "<host>")
                .gsub(%r{@hashed/\h{2}/\h{2}/\h{64}}, "<disk_path>")
                .gsub(/\b\h{32}(?=\/)/) { |secret| "<secret of #{uploaded[secret]}>" }
    masked = "<path>" if masked == project["path"]
    masked = masked.gsub(/\A.* \/ #{Regexp.escape(project["path"])}\z/, "<name>")
    masked.match?(/\A[\w.<>+-]+\z/) ? masked : masked.inspect
  end

  # What file an upload's secret keeps: the digest of the content.
  def uploaded = @uploaded ||= rows("uploads").to_h { |row| [row["secret"], row["checksum"].to_s[0, 12]] }

  def composite(json) = json.gsub(/"(issue_id|user_id|merge_request_id)": (\d+)/) { "#{$1}: #{label(@references.by_name($1), $2)}" }

  def label(table, id)
    @labels[[table, id]] ||= begin
      row = known(table, id) || @database.query("SELECT * FROM #{table} WHERE #{@references.primary_key(table)} = $1", id).first
      row ? natural_key(table, row) : "#{table}(missing)"
    end
  end

  def known(table, id)
    key = @references.primary_key(table)
    (@by_id ||= {})[table] ||= rows(table).to_h { |row| [row[key], row] }
    @by_id[table][id]
  end

  def natural_key(table, row)
    case table
    when "projects" then row["id"] == project["id"] ? "<project>" : "projects(#{row["path"]})"
    when "namespaces" then namespace_label(row)
    when "users" then user_label(row)
    else
      columns = References::NATURAL_KEYS[table]
      return "#{table}(#{Digest::SHA256.hexdigest(line(table, row, discussions: false))[0, 12]})" unless columns

      "#{table}(#{columns.map { |column| "#{column}=#{row[column] && value(table, column, row[column], row)}" }.join(",")})"
    end
  end

  def namespace_label(row)
    return "<project namespace>" if row["id"] == project["project_namespace_id"]
    return "<root namespace>" if row["id"] == project["root_id"]

    "namespaces(#{row["path"]})"
  end

  # A placeholder's names are made from ids: it is known by the GitHub user it stands for.
  def user_label(row)
    case row["user_type"]
    when "15"
      source = known_source_users[row["id"]]
      "placeholder(#{source ? source["source_user_identifier"] : "unknown"})"
    when "17" then "import_user"
    else "users(#{row["username"]})"
    end
  end

  def known_source_users = @known_source_users ||= rows("import_source_users").to_h { |row| [row["placeholder_user_id"], row] }

  def discussion(id)
    @discussions ||= rows("notes").group_by { |row| row["discussion_id"] }.transform_values do |notes|
      Digest::SHA256.hexdigest(notes.map { |note| line("notes", note, discussions: false) }.sort.join)[0, 12]
    end
    "discussion(#{@discussions[id]})"
  end
end
