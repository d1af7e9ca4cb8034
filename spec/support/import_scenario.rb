# frozen_string_literal: true

require "digest"
require "fileutils"
require "json"
require "open3"
require_relative "fake_github"
require_relative "gitlab_config"
require_relative "gitlab_database"
require_relative "hubferry_process"
require_relative "paths"
require_relative "sidekiq_side"

# One GitHub repository with real git data, and GitLab projects that import it: what the import specs have in common.
#
# The repository is generated and the same in every scenario, so imports of different scenarios have the same dump.
class ImportScenario
  REPOSITORY = "octo/demo"
  TOKEN = "ghp_spec"
  OBJECTS = { labels: 230, milestones: 12, releases: 15, issues: 6, pulls: 4, branches: 3, users: 8, seed: 7 }.freeze
  QUEUE = "github_importer"
  # What the form stores when attachments are to be imported too.
  WITH_ATTACHMENTS = GitlabDatabase::IMPORT_DATA.merge(
    "optional_stages" => GitlabDatabase::IMPORT_DATA["optional_stages"].merge("attachments_import" => true)
  ).freeze

  attr_reader :services, :github, :database, :sidekiq, :config

  # The git data is made once for all scenarios of a spec.
  def self.git_root(objects = OBJECTS)
    (@git_roots ||= {})[objects] ||= Dir.mktmpdir("hubferry-git").tap do |root|
      at_exit { FileUtils.rm_rf(root) }
      make_repository(root, "--commits", "40", "#{REPOSITORY}:#{specification(objects)}")
    end
  end

  def self.make_repository(root, *arguments)
    output, status = Open3.capture2e(File.join(Paths::SPEC, "fake_github", "make_repository"), "--git-root", root, *arguments)
    raise "make_repository: #{output}" unless status.success?
  end

  def self.specification(objects) = objects.map { |name, count| "#{name}=#{count}" }.join(",")

  # github_arguments: further ones of the fake GitHub.
  def initialize(services, objects: OBJECTS, github_arguments: [])
    @services = services
    @github = FakeGithub.new(services.folder, "--generate", "#{REPOSITORY}:#{self.class.specification(objects)}",
                             "--git-root", self.class.git_root(objects), "--token", TOKEN, *github_arguments)
    @database = GitlabDatabase.new(services.postgres)
    @database.query("UPDATE application_settings SET allow_local_requests_from_web_hooks_and_services = true")
    @sidekiq = SidekiqSide.new(services.redis)
    # Its own storage: after a reset of shared services project ids begin anew.
    @config = GitlabConfig.new(Dir.mktmpdir("config", services.folder), services)
  end

  # A project as GitLab has it when an import was asked for; its first job is in the queue. Each is in a group of its own, because
  # the placeholder users of a group serve all of its imports.
  def schedule_import(path = "demo", repository: REPOSITORY, **options)
    database.create_group("group-#{path}")
    project = database.create_import(path, import_source: repository, import_url: github.import_url(repository), token: TOKEN,
                                           namespace: "group-#{path}", **options)
    sidekiq.push_import(project, database)
    project
  end

  # `hubferry work` on the importer's queue, polling several times a second so that retries do not keep a test waiting.
  def start_hubferry(**options)
    arguments = ["--average-scheduled-poll-interval", "0.2", "--cleanup-lease-interval", "1", *options.delete(:arguments)]
    HubferryProcess.new(services, queues: [QUEUE], config: config, arguments: arguments, **options)
  end

  # Schedules an import, runs it to its end and returns the project.
  def import(path = "demo")
    project = schedule_import(path)
    hubferry = start_hubferry
    status = database.wait_for_import(project, details: -> { hubferry.tail })
    raise "the import of #{path} is #{status}\n#{hubferry.tail}" unless status == "finished"

    ended = hubferry.term
    raise "hubferry ended with #{ended}\n#{hubferry.tail}" unless ended.success?

    project
  end

  # What must be equal in two imports: the rows, the git repositories, and the files that GitLab keeps for them.
  def outcome(project) = database.dump(project) + refs(project) + refs(project, ".wiki") + files(project)

  # What two outcomes differ in, for messages that can be read.
  def self.difference(expected, actual)
    missing, unexpected = expected.lines - actual.lines, actual.lines - expected.lines
    (missing.map { |line| "- #{line}" } + unexpected.map { |line| "+ #{line}" }).join
  end

  # "sha ref" lines of the project's repository and what its HEAD is.
  def refs(project, kind = "")
    path = repository_path(project, kind)
    return "no repository#{kind}\n" unless File.directory?(path)

    git(path, "for-each-ref", "--format=%(objectname) %(refname)") + git(path, "symbolic-ref", "HEAD")
  end

  # "sha256 path" lines of uploads and LFS objects; an upload's secret, the name of its folder, is left out.
  def files(project)
    lines = [config.uploads_of(project), config.lfs_objects].flat_map do |folder|
      Dir.glob("**/*", File::FNM_DOTMATCH, base: folder).filter_map do |path|
        file = File.join(folder, path)
        "#{Digest::SHA256.file(file).hexdigest} #{path.sub(%r{\A\h{32}/}, "")}\n" if File.file?(file)
      end
    end
    lines.sort.join
  end

  # For an import that begins behind the stage that makes it.
  def create_repository(project) = git(repository_path(project).tap { |path| FileUtils.mkdir_p(path) }, "init", "--quiet", "--bare")

  def repository_path(project, kind = "")
    digest = Digest::SHA256.hexdigest(project.id.to_s)
    File.join(config.storage, "@hashed", digest[0, 2], digest[2, 2], "#{digest}#{kind}.git")
  end

  def git(path, *arguments)
    output, status = Open3.capture2e("git", "-c", "safe.directory=*", "-C", path, *arguments)
    raise "git #{arguments.first}: #{output}" unless status.success?

    output
  end
end
