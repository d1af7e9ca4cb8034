# frozen_string_literal: true

require_relative "expected_import"
require_relative "import_scenario"

# The import of a generated project with many people, comments and events, and what must come of it.
class BigImport
  # What GitLab's users have in common with GitHub's when contributions are not mapped: every so many of those with a public address.
  ADDRESS_EVERY = 9

  attr_reader :scenario, :project

  # Half of the events are older than what GitLab's activity shows. The limit lies in an hour's quiet half, so that it does not pass
  # an event while the import runs.
  #
  # pulls: how many pull requests; reviews, review_comments: of each, on average; attachments, lfs: files of both kinds altogether.
  def self.objects(issues:, users:, comments: 5, events: 10, labels: 12, milestones: 5, releases: 12, pulls: 0, reviews: 0, review_comments: 0,
                   attachments: 0, lfs: 0)
    { issues: issues, comments: comments, events: events, users: users, labels: labels, milestones: milestones, releases: releases, nasty: 2,
      pulls: pulls, reviews: reviews, review_comments: review_comments, attachments: attachments, lfs: lfs,
      start: ExpectedImport::Timeline.oldest_event(Time.now).to_i - ((issues + pulls) / 2 * 3600) }
  end

  def initialize(services, objects, mapped: true)
    @scenario = ImportScenario.new(services, objects: objects)
    @git_root = ImportScenario.git_root(objects)
    @mapped = mapped
    make_older_gitlab unless mapped
  end

  def schedule(path = "big")
    data = ImportScenario::WITH_ATTACHMENTS.merge("user_contribution_mapping_enabled" => @mapped)
    @project = scenario.schedule_import(path, data: data)
  end

  # Everybody who contributes has a source user already, so that nobody has to ask GitHub. To be called when the import is scheduled.
  def know_people
    expected.tables.fetch("import_source_users").each do |_, hostname, identifier, login, name, _|
      scenario.database.query(<<~SQL, project.full_path[%r{\A[^/]+}], hostname, identifier, login, name)
        INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier, source_username, source_name,
                                         placeholder_user_id, status, created_at, updated_at)
        SELECT id, 'github', $2, $3, $4, $5, spec.create_user('person-' || $3, 'Placeholder', 15::smallint), 0, now(), now()
        FROM namespaces WHERE path = $1
      SQL
    end
  end

  def expected
    dump = scenario.github.dump
    people = ExpectedImport::Unmapped.new(dump["users"], addresses: @addresses, creator: "root") unless @mapped
    ExpectedImport.new(dump, ImportScenario::REPOSITORY, git: "#{@git_root}/#{ImportScenario::REPOSITORY}.git",
                       files: scenario.github.attachments(ImportScenario::REPOSITORY), web_url: scenario.github.url, people: people,
                       project_url: "https://#{GitlabConfig::URL["host"]}/#{project.full_path}")
  end

  # What is not as expected, for people to read; empty when everything is.
  def difference(expected = self.expected) = expected.difference(scenario.database, project, scenario.config, refs: scenario.refs(project))

  private

  # The GitLab before the one that always maps still has this table. Its users: some have the public address of a GitHub user, one has
  # it as a second address, one has signed in with an account of github.com, which says nothing about another GitHub.
  def make_older_gitlab
    database = scenario.database
    database.query("CREATE TABLE work_item_types (id bigint, base_type smallint)")
    database.query("INSERT INTO work_item_types VALUES (1, 0)")
    @addresses = github_addresses.each_slice(ADDRESS_EVERY).to_h { |slice| [slice.first, slice.first[/\A[^@]+/]] }
    @addresses.each_value { |name| database.create_user(name) }
    second, = github_addresses - @addresses.keys
    database.query("INSERT INTO emails (user_id, email, confirmed_at, created_at, updated_at) VALUES ($1, $2, now(), now(), now())",
                   database.create_user("second"), second)
    @addresses[second] = "second"
    database.query("INSERT INTO identities (provider, extern_uid, user_id, created_at, updated_at) VALUES ('github', '1001', $1, now(), now())",
                   database.create_user("elsewhere"))
  end

  def github_addresses = @github_addresses ||= scenario.github.dump["users"].filter_map { |user| user["email"] unless user["gone"] }
end
