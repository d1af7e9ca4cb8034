# frozen_string_literal: true

# Placeholder references are loaded once, also when two processes load the same ones: the server goes on with the statement of a
# process that was killed while another one has got its job.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "the loading of placeholder references" do
  WORKER = "Import::LoadPlaceholderReferencesWorker"
  TABLE = "import_source_user_placeholder_references"
  REFERENCES = 2000

  let(:scenario) { ImportScenario.new(shared_services, objects: { labels: 1, branches: 1, users: 1 }) }
  let(:database) { scenario.database }

  # A source user of the project's group, with references that nobody has loaded yet. Returns the key of their set.
  def create_references(project)
    group = database.value("SELECT traversal_ids[1] FROM projects JOIN namespaces ON namespaces.id = namespace_id WHERE projects.id = $1", project.id)
    source_user = database.value(<<~SQL, group)
      INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier, source_username, placeholder_user_id,
                                       status, created_at, updated_at)
      VALUES ($1, 'github', 'https://github.com', '501', 'mona', spec.create_user('mona', 'Mona', 15::smallint), 0, now(), now()) RETURNING id
    SQL
    members = Array.new(REFERENCES) { |id| JSON.generate([nil, "Note", Integer(group), id + 1, Integer(source_user), "author_id", 1]) }
    key = "cache:gitlab:placeholder-references:github:#{database.import_state(project)["id"]}"
    scenario.sidekiq.redis { |redis| redis.sadd(key, members) }
    key
  end

  def waiting = database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'hubferry'")

  it "inserts none twice" do
    project = database.create_import("demo", import_source: "octo/demo")
    key = create_references(project)
    hubferry = nil
    PG.connect(**scenario.services.postgres.connection).tap do |other|
      other.exec("BEGIN; LOCK TABLE #{TABLE} IN SHARE ROW EXCLUSIVE MODE")
      2.times { scenario.sidekiq.push_bulk(WORKER, [["github", Integer(database.import_state(project)["id"])]], queue: ImportScenario::QUEUE) }
      hubferry = scenario.start_hubferry(concurrency: 2)
      wait_until(what: "two that wait", details: -> { hubferry.tail }) { waiting == "2" }
      other.exec("COMMIT")
      other.close
    end
    wait_until(what: "the end of both jobs", details: -> { hubferry.tail }) do
      hubferry.log.count { |line| line["class"] == WORKER && line["job_status"] == "done" } == 2
    end
    _(database.value("SELECT count(*) FROM #{TABLE}")).must_equal REFERENCES.to_s
    _(scenario.sidekiq.redis { |redis| redis.scard(key) }).must_equal 0
  end
end
