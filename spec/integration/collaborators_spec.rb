# frozen_string_literal: true

# Collaborators of the repository become members of the project, or placeholder memberships.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "collaborators" do
  let(:scenario) { ImportScenario.new(shared_services) }
  let(:database) { scenario.database }
  let(:collaborators) do
    [{ "login" => "mira", "id" => 1042, "role_name" => "maintain" }, { "login" => "rui", "id" => 1043, "role_name" => "read" },
     { "login" => "visitor", "id" => 1044, "role_name" => "write", "affiliation" => "outside" },
     { "login" => "auditor", "id" => 1045, "role_name" => "security_manager" }]
  end

  # Imports a repository that has nothing else. The block runs before the worker starts.
  def import(repository: {}, project: {})
    scenario.github.repository("full_name" => "octo/team", "has_wiki" => false, "collaborators" => collaborators, **repository)
    ImportScenario.make_repository(ImportScenario.git_root, "--commits", "1", "--wiki-pages", "0", "octo/team:issues=0")
    @project = scenario.schedule_import("team", repository: "octo/team", **project)
    yield @project if block_given?
    @hubferry = scenario.start_hubferry
    _(database.wait_for_import(@project, details: -> { @hubferry.tail })).must_equal "finished"
  end

  # Who has accepted the contributions of a GitHub user.
  def accept(login, id)
    user = database.create_user(login)
    placeholder = database.value("SELECT spec.create_user($1, 'Placeholder', 15::smallint)", "#{login}_placeholder")
    database.query("INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier, source_username, source_name, " \
                   "placeholder_user_id, reassign_to_user_id, status, created_at, updated_at) " \
                   "SELECT namespace_id, 'github', $2, $3, $4, $4, $5, $6, 5, now(), now() FROM projects WHERE id = $1",
                   @project.id, scenario.github.url, id, login, placeholder, user)
    user
  end

  def placeholder_memberships
    database.query("SELECT source_username, access_level FROM import_placeholder_memberships membership " \
                   "JOIN import_source_users ON import_source_users.id = source_user_id WHERE project_id = $1 ORDER BY 1", @project.id).map(&:values)
  end

  def members
    database.query("SELECT user_id, access_level FROM members WHERE source_type = 'Project' AND source_id = $1", @project.id).map(&:values)
  end

  def requests = scenario.github.requests.map { |request| request["path"] }.grep(/collaborators/)

  def assert_nothing_imported
    _(placeholder_memberships + members).must_equal []
    _(requests).must_equal []
  end

  it "become placeholder memberships, outside ones are left out, unknown roles are recorded" do
    import
    _(placeholder_memberships).must_equal [%w[mira 40], %w[rui 10]]
    _(members).must_equal []
    failures = database.import_failures(@project).map { |row| row.values_at("source", "exception_message", "exception_class") }
    _(failures).must_equal [["Gitlab::GithubImport::Importer::CollaboratorImporter", "Unknown GitHub role: security_manager",
                             "Gitlab::GithubImport::ObjectImporter::NotRetriableError"]]
    checksums = JSON.parse(database.import_state(@project)["checksums"])
    _([checksums["fetched"]["collaborator"], checksums["imported"]["collaborator"]]).must_equal [3, 2]
  end

  it "become members when they have accepted, and Ruby is asked for their authorizations" do
    mira = nil
    import { mira = accept("mira", 1042) }
    _(members).must_equal [[mira.to_s, "40"]]
    _(placeholder_memberships).must_equal [%w[rui 10]]
    at_once = scenario.sidekiq.everywhere.select { |job| job["class"] == "AuthorizedProjectUpdate::ProjectRecalculatePerUserWorker" }
    _(at_once.map { |job| job["args"] }).must_equal [[@project.id, mira]]
    later = scenario.sidekiq.scheduled.select { |entry| entry.job["class"] == "AuthorizedProjectUpdate::UserRefreshFromReplicaWorker" }
    _(later.map { |entry| entry.job["args"] }).must_equal [[mira]]
  end

  it "are not asked for when the import does not want them" do
    data = GitlabDatabase::IMPORT_DATA.merge("optional_stages" => { "collaborators_import" => false })
    import(project: { data: data })
    assert_nothing_imported
  end

  it "are not asked for in a personal namespace" do
    import(project: { namespace: "root" })
    assert_nothing_imported
  end

  it "are not asked for, with a warning, without push access" do
    import(repository: { "permissions" => { "push" => false, "pull" => true } })
    assert_nothing_imported
    warning = @hubferry.log.find { |line| line["message"] == "no push access rights to fetch collaborators" }
    _(warning.values_at("severity", "importer")).must_equal ["WARN", "Importer::CollaboratorsImporter"]
  end
end
