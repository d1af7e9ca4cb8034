# frozen_string_literal: true

# Labels, milestones and releases: every rule of GitLab's importers, also for what they refuse.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "base data" do
  let(:scenario) { ImportScenario.new(shared_services) }
  let(:database) { scenario.database }

  # Imports what is given for the project "rules"; the block runs before the worker starts.
  def import(labels: [], milestones: [], releases: [])
    scenario.github.repository("full_name" => "octo/rules", "has_wiki" => false, "labels" => labels, "milestones" => milestones,
                               "releases" => releases)
    ImportScenario.make_repository(ImportScenario.git_root, "--commits", "1", "--wiki-pages", "0", "octo/rules:issues=0")
    @project = scenario.schedule_import("rules", repository: "octo/rules")
    yield @project if block_given?
    hubferry = scenario.start_hubferry
    _(database.wait_for_import(@project, details: -> { hubferry.tail })).must_equal "finished"
  end

  def rows(table, columns) = database.query("SELECT #{columns} FROM #{table} WHERE project_id = $1 ORDER BY id", @project.id)

  def recorded_failures
    database.import_failures(@project).map do |row|
      [row["exception_message"], JSON.parse(row["external_identifiers"]), row["exception_class"], row["retry_count"]]
    end
  end

  def refused(message, identifiers) = [message, identifiers, "ActiveRecord::RecordInvalid", nil]

  describe "labels" do
    it "keep their title and get a # before their colour; GitHub's description is not taken" do
      import(labels: [{ "name" => "needs work", "color" => "fbca04", "description" => "x" }, { "name" => "a/b:ü 🚀", "color" => "000000" }])
      _(rows("labels", "title, color, type, description, group_id, template")).must_equal(
        [["needs work", "#fbca04"], ["a/b:ü 🚀", "#000000"]].map do |title, color|
          { "title" => title, "color" => color, "type" => "ProjectLabel", "description" => nil, "group_id" => nil, "template" => "f" }
        end
      )
      id = database.value("SELECT id FROM labels WHERE project_id = $1 AND title = 'needs work'", @project.id)
      _(scenario.sidekiq.redis { |redis| redis.get("cache:gitlab:github-import/label-finder/#{@project.id}/needs work") }).must_equal id
    end

    it "are refused with a comma, with more than 255 characters, without a colour, and when blank" do
      long = "x" * 256
      import(labels: [{ "name" => "a,b", "color" => "fbca04" }, { "name" => long, "color" => "fbca04" },
                      { "name" => "no colour", "color" => "red!" }, { "name" => " ", "color" => "fbca04" }, { "name" => "x" * 255, "color" => "fbca04" }])
      _(rows("labels", "title").map { |row| row["title"] }).must_equal ["x" * 255]
      _(recorded_failures).must_equal [
        refused("Title is invalid", { "title" => "a,b", "object_type" => "label" }),
        refused("Title is too long (maximum is 255 characters)", { "title" => long, "object_type" => "label" }),
        refused("Color must be a valid color code", { "title" => "no colour", "object_type" => "label" }),
        refused("Title can't be blank", { "title" => " ", "object_type" => "label" })
      ]
      _(JSON.parse(database.import_state(@project)["checksums"])["fetched"]["label"]).must_equal 1
    end

    it "are refused when a group above has one of the same title, and skipped when the project has it" do
      import(labels: [{ "name" => "bug", "color" => "fbca04" }, { "name" => "mine", "color" => "fbca04" }]) do |project|
        group = database.value("SELECT namespace_id FROM projects WHERE id = $1", project.id)
        database.query("INSERT INTO labels (title, color, type, group_id, created_at, updated_at) VALUES ('bug', '#ffffff', 'GroupLabel', $1, now(), now())", group)
        database.query("INSERT INTO labels (title, color, type, project_id, created_at, updated_at) VALUES ('mine', '#ffffff', 'ProjectLabel', $1, now(), now())", project.id)
      end
      _(rows("labels", "title, color")).must_equal [{ "title" => "mine", "color" => "#ffffff" }]
      _(recorded_failures.map(&:first)).must_equal ["Title already exists at group level for group-rules. Please choose another one."]
      _(JSON.parse(database.import_state(@project)["checksums"])["imported"]).must_equal({})
    end
  end

  describe "milestones" do
    it "take number, state, the date of due_on and GitHub's times" do
      import(milestones: [
        { "number" => 3, "title" => "v2", "description" => nil, "state" => "closed", "due_on" => "2024-06-01T07:00:00Z",
          "created_at" => "2024-01-02T03:04:05Z", "updated_at" => "2024-06-02T00:00:00Z" },
        { "number" => 7, "title" => "v3", "description" => "by @mira", "state" => "open", "due_on" => nil,
          "created_at" => "2024-01-02T03:04:05Z", "updated_at" => "2024-01-02T03:04:05Z" }
      ])
      _(rows("milestones", "iid, title, description, state, due_date, created_at, updated_at, lock_version").map(&:values)).must_equal [
        ["3", "v2", nil, "closed", "2024-06-01", "2024-01-02 03:04:05", "2024-06-02 00:00:00", "0"],
        ["7", "v3", "by @mira", "active", nil, "2024-01-02 03:04:05", "2024-01-02 03:04:05", "0"]
      ]
      id = database.value("SELECT id FROM milestones WHERE project_id = $1 AND iid = 7", @project.id)
      _(scenario.sidekiq.redis { |redis| redis.get("cache:gitlab:github-import/milestone-finder/#{@project.id}/7") }).must_equal id
    end

    it "are refused when blank, too long, or named like another milestone of the project" do
      import(milestones: [{ "number" => 1, "title" => "taken" }, { "number" => 2, "title" => "x" * 256 }, { "number" => 3, "title" => "" }]) do |project|
        database.query("INSERT INTO milestones (iid, title, project_id, state, created_at, updated_at) VALUES (90, 'taken', $1, 'active', now(), now())", project.id)
      end
      _(rows("milestones", "iid").map { |row| row["iid"] }).must_equal ["90"]
      _(recorded_failures).must_equal [
        refused("Title already being used for another group or project milestone.", { "iid" => 1, "title" => "taken", "object_type" => "milestone" }),
        refused("Title is too long (maximum is 255 characters)", { "iid" => 2, "title" => "x" * 256, "object_type" => "milestone" }),
        refused("Title can't be blank", { "iid" => 3, "title" => "", "object_type" => "milestone" })
      ]
    end
  end

  describe "releases" do
    it "take both times from created_at, drafts are released now, and a blank text names the tag" do
      import(releases: [
        { "tag_name" => "v1", "name" => "One", "body" => "by @mira", "author" => "mira", "created_at" => "2024-02-01T00:00:00Z",
          "published_at" => nil, "draft" => true },
        { "tag_name" => "v2", "name" => nil, "body" => " \n", "author" => "mira", "created_at" => "2024-02-02T00:00:00Z",
          "published_at" => "2024-02-03T00:00:00Z" }
      ])
      found = rows("releases", "tag, name, description, created_at, updated_at, released_at > now() - interval '1 hour' AS now, released_at")
      found.sort_by! { |row| row["tag"] }
      _(found.map { |row| row.values.first(6) }).must_equal [
        ["v1", "One", "by `@mira`", "2024-02-01 00:00:00", "2024-02-01 00:00:00", "t"],
        ["v2", nil, "Release for tag v2", "2024-02-02 00:00:00", "2024-02-02 00:00:00", "f"]
      ]
      _(found.last["released_at"]).must_equal "2024-02-03 00:00:00+00"
    end

    it "are authored by placeholders, or by the ghost user, and have a reference each that can be reassigned" do
      import(releases: [{ "tag_name" => "v1", "author" => "mira" }, { "tag_name" => "v2", "author" => nil }, { "tag_name" => "v3", "author" => "mira" }])
      types = database.query("SELECT users.user_type FROM releases JOIN users ON users.id = author_id WHERE project_id = $1 ORDER BY releases.id", @project.id)
      _(types.map { |row| row["user_type"] }).must_equal %w[15 5 15]
      references = database.query("SELECT model, user_reference_column, releases.tag FROM import_source_user_placeholder_references reference " \
                                  "JOIN releases ON releases.id = numeric_key ORDER BY tag")
      _(references.map(&:values)).must_equal [%w[Release author_id v1], %w[Release author_id v3]]
      _(database.value("SELECT count(*) FROM import_source_users WHERE source_username = 'mira'")).must_equal "1"
    end

    it "are skipped without a tag and when the tag was there before, and refused with more than a million characters" do
      import(releases: [{ "tag_name" => "v1", "name" => "listed later", "created_at" => "2024-01-01T00:00:00Z" },
                        { "tag_name" => "v1", "name" => "listed first", "created_at" => "2024-02-01T00:00:00Z" }, { "tag_name" => "" },
                        { "tag_name" => "long", "body" => "x" * 1_000_001 }])
      _(rows("releases", "tag, name")).must_equal [{ "tag" => "v1", "name" => "listed first" }]
      _(recorded_failures).must_equal [refused("Description is too long (maximum is 1000000 characters)", { "tag" => "long", "object_type" => "release" })]
    end
  end

  it "reserves the highest numbers of GitHub before anything is imported, and lets them go at the end" do
    numbers = nil
    scenario.github.repository("full_name" => "octo/rules", "has_wiki" => false, "generate" => "issues=7,pulls=5,milestones=4,labels=1")
    ImportScenario.make_repository(ImportScenario.git_root, "--commits", "1", "--wiki-pages", "0", "octo/rules:issues=0")
    scenario.github.fault("match" => "/repos/octo/rules/labels", "delay_ms" => 1000)
    @project = scenario.schedule_import("rules", repository: "octo/rules")
    hubferry = scenario.start_hubferry
    namespace = database.value("SELECT project_namespace_id FROM projects WHERE id = $1", @project.id)
    wait_until(what: "reserved numbers", details: -> { hubferry.tail }) do
      numbers = database.query("SELECT usage, last_value FROM internal_ids WHERE project_id = $1 OR namespace_id = $2 ORDER BY usage", @project.id, namespace)
      numbers.size == 3
    end
    _(numbers.map(&:values)).must_equal [%w[0 12], %w[1 12], %w[4 4]] # GitHub lists pull requests among the issues
    _(database.wait_for_import(@project)).must_equal "finished"
    left = database.query("SELECT usage FROM internal_ids WHERE project_id = $1 OR namespace_id = $2", @project.id, namespace)
    _(left.map(&:values)).must_equal [%w[0]]
  end
end
