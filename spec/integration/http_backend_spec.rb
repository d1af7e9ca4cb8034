# frozen_string_literal: true

# The second repository backend: where GitLab's storage is not mounted, branches and tags are pushed to GitLab over HTTP.

require_relative "../support/gitlab_pre_receive"
require_relative "../support/harness"
require_relative "../support/import_scenario"
require_relative "../support/pull_branches"

describe "an import without the repository storage" do
  PUSH_TOKEN = "glpat-push"

  let(:services) { shared_services }
  let(:push_root) { Dir.mktmpdir("pushed", services.folder) }
  let(:work_directory) { Dir.mktmpdir("work", services.folder) }
  let(:objects) { ImportScenario::OBJECTS }
  let(:scenario) do
    ImportScenario.new(services, objects: objects,
                                 github_arguments: ["--push-root", push_root, "--push-create", "--push-credentials", "oauth2:#{PUSH_TOKEN}"])
  end

  def start_hubferry(token: PUSH_TOKEN)
    scenario.start_hubferry(
      arguments: ["--repository-backend", "http", "--git-push-url", "#{scenario.github.url}/gitlab",
                  "--git-work-directory", work_directory],
      environment: { "HUBFERRY_GIT_PUSH_TOKEN" => token }
    )
  end

  def refs(path) = scenario.git(path, "for-each-ref", "--format=%(objectname) %(refname)").lines

  it "pushes branches and tags, the default branch first, and says what GitLab does not take" do
    project = scenario.schedule_import
    hubferry = start_hubferry
    _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"

    origin = refs(File.join(ImportScenario.git_root, "#{ImportScenario::REPOSITORY}.git"))
    pushed = refs(File.join(push_root, "#{project.full_path}.git"))
    _(pushed).must_equal origin.grep_v(%r{refs/pull/})
    _(refs(File.join(push_root, "#{project.full_path}.wiki.git"))).wont_be_empty

    left_out = hubferry.log.find { |line| line["message"].to_s.include?("merge request") }
    _(left_out).wont_be_nil hubferry.tail
    _(Dir.exist?(scenario.repository_path(project))).must_equal false
    _(hubferry.text).wont_include PUSH_TOKEN
  end

  describe "of pull requests from forks" do
    let(:objects) { ImportScenario::OBJECTS.merge(labels: 2, issues: 1, pulls: 49, reviews: 2, review_comments: 2, lfs: 12) }

    it "pushes the branches of those that are open" do
      project = scenario.schedule_import
      hubferry = start_hubferry
      _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"

      branches = PullBranches.of_forks(scenario)
      _(branches.size).must_be :>=, 2
      pushed = refs(File.join(push_root, "#{project.full_path}.git"))
      _(pushed.grep(%r{refs/heads/github/})).must_equal branches.sort_by { |line| line.split(" ").last }
    end

    it "ends in the same rows as with the storage mounted" do
      dumps = [-> { start_hubferry }, -> { scenario.start_hubferry }].each_with_index.map do |start, index|
        project = scenario.schedule_import("demo-#{index}")
        GitlabPreReceive.install(push_root, project, services.postgres)
        hubferry = start.call
        _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
        hubferry.term
        scenario.database.dump(project)
      end
      _(scenario.database.value("SELECT count(*) FROM merge_request_diff_files").to_i).must_be :>, 2 * objects[:pulls]
      _(scenario.database.value("SELECT count(*) FROM lfs_objects_projects").to_i).must_equal 2 * objects[:lfs]
      _(ImportScenario.difference(*dumps)).must_equal ""
    end
  end

  describe "of LFS objects" do
    let(:objects) { ImportScenario::OBJECTS.merge(labels: 2, issues: 1, pulls: 1, lfs: 12) }

    def linked = scenario.database.value("SELECT count(*) FROM lfs_objects_projects").to_i

    it "brings them before GitLab checks the push" do
      project = scenario.schedule_import
      GitlabPreReceive.install(push_root, project, services.postgres)
      hubferry = start_hubferry
      _(scenario.database.wait_for_import(project, details: -> { hubferry.tail })).must_equal "finished"
      _(linked).must_equal objects[:lfs]
      _(scenario.database.import_failures(project)).must_be_empty
      _(hubferry.log.count { |line| line["message"] == "LFS objects imported before the push" }).must_equal 1
    end

    it "lets GitLab refuse the push without them, and says why" do
      scenario.github.fault("match" => "*/info/lfs/objects/batch", "status" => 404, "times" => 1)
      project = scenario.schedule_import
      GitlabPreReceive.install(push_root, project, services.postgres)
      hubferry = start_hubferry
      status = scenario.database.wait_for_import(project, details: -> { hubferry.tail }) { scenario.sidekiq.make_due }
      _(status).must_equal "finished"
      _(linked).must_equal objects[:lfs]
      _(scenario.database.import_failures(project).map { |failure| failure["exception_message"] }.join).must_include "LFS objects are missing"
    end
  end

  it "fails the stage with a clear reason when GitLab refuses the token" do
    project = scenario.schedule_import
    hubferry = start_hubferry(token: "wrong")
    failure = wait_until(timeout: 60, what: "a recorded failure", details: -> { hubferry.tail }) { scenario.database.import_failures(project).first }

    _(failure["source"]).must_equal "Gitlab::GithubImport::Stage::ImportRepositoryWorker"
    _(failure["exception_message"]).must_match(/401|credentials|authentication/i)
    _(hubferry.text).wont_include "wrong"
  end
end
