# frozen_string_literal: true

require "json"
require "pg"
require_relative "import_credentials"
require_relative "private_postgres"
require_relative "project_dump"
require_relative "wait_until"

# GitLab's database as a test sees it. Rows come back as hashes of text by column name, NULL as nil.
class GitlabDatabase
  Project = Struct.new(:id, :full_path, :import_source, :import_url, keyword_init: true)

  COMPLETED = %w[finished failed canceled].freeze
  # What the form of a GitHub import stores in project_import_data.data.
  IMPORT_DATA = {
    "optional_stages" => { "single_endpoint_notes_import" => false, "attachments_import" => false, "collaborators_import" => true },
    "timeout_strategy" => "pessimistic",
    "user_contribution_mapping_enabled" => true,
    "pagination_limit" => 100
  }.freeze

  def initialize(postgres)
    @postgres = postgres
  end

  def query(sql, *parameters) = result(sql, parameters).to_a
  # The same without the columns' names, for many rows and for columns of the same name.
  def rows(sql, *parameters) = result(sql, parameters).values

  def value(sql, *parameters) = query(sql, *parameters).first&.values&.first

  def close
    @connection&.close
  rescue PG::ConnectionBad
    nil
  ensure
    @connection = nil
  end

  def create_group(path, owner_id: 1) = Integer(value("SELECT spec.create_group($1, $2)", path, owner_id))

  def create_user(username) = Integer(value("SELECT spec.create_user($1, $1)", username))

  # A project as POST /api/v4/import/github leaves it. `import_url` is given without credentials, as GitLab stores it.
  # token: nil stores no credentials.
  def create_import(path, import_source:, import_url: "https://github.com/#{import_source}.git", token: "ghp_spec",
                    namespace: "imports", data: IMPORT_DATA)
    credentials = token ? ImportCredentials.encrypt({ user: token, password: nil }) : {}
    id = value("SELECT spec.create_project($1, $2, $3, $4, $5, $6, $7, $8)", namespace, path, import_source, import_url,
               JSON.generate(data), *%w[encrypted_credentials encrypted_credentials_iv encrypted_credentials_salt].map { |column| credentials[column] })
    Project.new(id: Integer(id), full_path: "#{namespace}/#{path}", import_source: import_source, import_url: import_url)
  end

  # The row of project_mirror_data.
  def import_state(project) = query("SELECT * FROM project_mirror_data WHERE project_id = $1", project.id).first

  def import_failures(project) = query("SELECT * FROM import_failures WHERE project_id = $1 ORDER BY id", project.id)

  # Waits for the end of an import and returns its status. The block, if given, is called at each look; details.call adds
  # to the text of a time-out.
  def wait_for_import(project, timeout: 240, details: nil)
    report = -> { [import_state(project), *import_failures(project), details&.call].join("\n") }
    WaitUntil.wait_until(timeout: timeout, every: 0.1, what: "the end of the import of #{project.import_source}", details: report) do
      yield if block_given?
      status = import_state(project)["status"]
      COMPLETED.include?(status) && status
    end
  end

  # See ProjectDump. Two imports of the same data have the same dump.
  def dump(project, import_failures: false) = ProjectDump.new(self, project.id, import_failures: import_failures).to_s

  private

  # A connection that a restart of the server has ended is made again, once.
  def result(sql, parameters, again: true)
    connection.exec_params(sql, parameters)
  rescue PG::ConnectionBad, PG::UnableToSend, PG::AdminShutdown
    close
    again ? result(sql, parameters, again: false) : raise
  end

  def connection = @connection ||= PG.connect(**@postgres.connection)
end
