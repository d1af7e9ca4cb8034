# frozen_string_literal: true

# The first import from end to end: Ruby's Sidekiq client pushes the first job, hubferry does the rest.

require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "an import" do
  let(:scenario) { ImportScenario.new(shared_services) }
  let(:objects) { ImportScenario::OBJECTS }

  def count(table, project) = Integer(scenario.database.value("SELECT count(*) FROM #{table} WHERE project_id = $1", project.id))

  it "ends as finished, with its objects, its repository and nothing left over" do
    project = scenario.import

    _(count("labels", project)).must_equal objects[:labels]
    _(count("milestones", project)).must_equal objects[:milestones]
    _(count("releases", project)).must_equal objects[:releases]
    _(count("issues", project)).must_equal objects[:issues]
    _(scenario.database.value("SELECT count(*) FROM merge_requests WHERE target_project_id = $1", project.id)).must_equal objects[:pulls].to_s
    _(scenario.database.import_failures(project)).must_be_empty

    state = scenario.database.import_state(project)
    _(state["status"]).must_equal "finished"
    _(state["jid"]).must_be_nil
    _(JSON.parse(state["checksums"])).must_equal(
      %w[fetched imported].to_h do |operation|
        [operation, { "issue" => 6, "label" => 230, "release" => 15, "milestone" => 12, "pull_request" => 4, "protected_branch" => 1 }]
      end
    )
    _(scenario.database.query("SELECT id FROM project_import_data WHERE project_id = $1", project.id)).must_be_empty
    _(scenario.database.query("SELECT key FROM hubferry.receipts WHERE project_id = $1", project.id)).must_be_empty

    _(scenario.sidekiq.retries).must_be_empty
    _(scenario.sidekiq.dead).must_be_empty
    _(scenario.sidekiq.working).must_be_empty
    _(scenario.sidekiq.queue_size(ImportScenario::QUEUE)).must_equal 0
    _(scenario.sidekiq.scheduled.map { |entry| entry.job["class"] }.uniq).must_equal ["Gitlab::Import::RefreshImportJidWorker"]
  end

  it "mirrors the repository with GitHub's pull refs, its default branch and its wiki" do
    project = scenario.import
    origin = File.join(ImportScenario.git_root, "#{ImportScenario::REPOSITORY}.git")
    wiki = File.join(ImportScenario.git_root, "#{ImportScenario::REPOSITORY}.wiki.git")
    expected = scenario.git(origin, "for-each-ref", "--format=%(objectname) %(refname)").lines.filter_map do |line|
      line.sub("refs/pull/", "refs/merge-requests/") unless line.include?("/merge\n")
    end

    _(scenario.refs(project).lines[0..-2].sort).must_equal expected.sort
    _(scenario.refs(project).lines.last).must_equal scenario.git(origin, "symbolic-ref", "HEAD")
    _(File.read(File.join(scenario.repository_path(project), "config"))).wont_include "[remote"
    _(scenario.git(scenario.repository_path(project), "fsck", "--full")).wont_match(/error|missing/)
    _(scenario.refs(project, ".wiki").lines.first).must_equal scenario.git(wiki, "for-each-ref", "--format=%(objectname) %(refname)").lines.first
  end

  it "pushes what GitLab's own importer would push for Ruby at the end" do
    project = scenario.import
    jobs = scenario.sidekiq.queue("default").to_h { |job| [job["class"], job] }

    _(jobs.keys.sort).must_equal %w[
      AuthorizedProjectUpdate::ProjectRecalculateWorker DetectRepositoryLanguagesWorker
      ProjectCacheWorker Projects::AfterImportWorker Projects::ImportExport::ImportCompletionNotificationWorker
    ].concat(jobs.keys & ["Import::LoadPlaceholderReferencesWorker"]).sort
    _(scenario.sidekiq.queue("default").select { |job| job["class"] == "ProjectCacheWorker" }.map { |job| job["args"] }).must_equal(
      [[project.id, [], %w[repository_size wiki_size]], [project.id, [], %w[commit_count]], [project.id]]
    )
    _(jobs["Projects::AfterImportWorker"]["args"]).must_equal [project.id]
    jobs.each_value do |job|
      _(job["meta.project"]).must_equal project.full_path
      _(job["correlation_id"]).must_equal scenario.database.import_state(project)["correlation_id_value"]
    end
  end

  it "says in its log what GitLab's importer.log says" do
    project = scenario.schedule_import
    hubferry = scenario.start_hubferry
    scenario.database.wait_for_import(project)
    finished = hubferry.wait_for_log("the end") { |line| line["message"] == "GitHub project import finished" }

    _(finished["project_id"]).must_equal project.id
    _(finished["import_type"]).must_equal "github"
    _(finished["object_counts"]["imported"]["label"]).must_equal objects[:labels]
    stages = hubferry.log.select { |line| line["message"] == "stage finished" }.map { |line| line["import_stage"] }
    _(stages.first).must_equal "Gitlab::GithubImport::Stage::ImportRepositoryWorker"
    _(stages.size).must_equal 10
    _(hubferry.text).wont_include ImportScenario::TOKEN
    skipped = hubferry.log.select { |line| line["message"] == "skipping importer" }
    _(skipped.map { |line| line["importer"] }).must_equal ["Attachments"]
    _(hubferry.term.exitstatus).must_equal 0
  end

  it "has the same outcome a second time" do
    outcomes = %w[first second].map { |path| scenario.outcome(scenario.import(path)) }

    _(ImportScenario.difference(*outcomes)).must_equal ""
  end
end
