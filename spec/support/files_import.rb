# frozen_string_literal: true

require "digest"
require_relative "import_scenario"

# An import whose jobs of files (attachments and LFS objects) wait in a queue of their own, until the spec starts a process for them.
#
#   import = FilesImport.new(start_services(appendonly: true))
#   import.start                       # all other jobs are executed as they come
#   import.wait_for_jobs(:attachments) # now all of them are in the queue; the LFS objects' turn comes when they are done
#   import.start_hubferry
#   import.finish
#   import.differences                 # what is not there exactly once; empty when everything is
class FilesImport
  QUEUE = "files"
  OBJECTS = { labels: 0, milestones: 0, releases: 4, issues: 14, pulls: 4, comments: 2, branches: 3, users: 4, attachments: 24, lfs: 8, seed: 11 }.freeze
  ATTACHMENT_WORKERS = %w[Release Note Issue MergeRequest].map { |record| "Gitlab::GithubImport::Attachments::Import#{record}Worker" }.freeze
  WORKERS = { attachments: ATTACHMENT_WORKERS, lfs: ["Gitlab::GithubImport::ImportLfsObjectWorker"] }.freeze
  STAGES = { attachments: "Gitlab::GithubImport::Stage::ImportAttachmentsWorker", lfs: "Gitlab::GithubImport::Stage::ImportLfsObjectsWorker" }.freeze
  RULES = [["worker_name=#{WORKERS.values.flatten.join(",")}", QUEUE], *GitlabSidekiq::Router::DEFAULT_RULES].freeze
  ARGUMENTS = ["--average-scheduled-poll-interval", "0.2", "--cleanup-lease-interval", "1"].freeze

  attr_reader :scenario, :config, :project

  # storage: an ObjectStorage that keeps the files; without, they are in folders.
  def initialize(services, storage: nil)
    @scenario = ImportScenario.new(services, objects: OBJECTS)
    @storage = storage
    @config = GitlabConfig.new(scenario.config.folder, services, storage: scenario.config.storage, routing_rules: RULES,
                                                                 overrides: storage ? { "gitlab.yml" => storage.gitlab_yml } : {})
  end

  def sidekiq = scenario.sidekiq
  def github = scenario.github
  def database = scenario.database

  def start
    @stages = start_hubferry(queue: ImportScenario::QUEUE)
    @project = scenario.schedule_import("files", data: ImportScenario::WITH_ATTACHMENTS)
  end

  def start_hubferry(queue: QUEUE, arguments: [], **options)
    HubferryProcess.new(scenario.services, queues: [queue], config: config, arguments: ARGUMENTS + arguments, **options)
  end

  # Until all of them are in the queue. Returns how many there are.
  def wait_for_jobs(kind)
    WaitUntil.wait_until(every: 0.1, what: "the jobs of #{kind}", details: -> { @stages.tail(5) }) do
      sidekiq.make_due
      @stages.log.any? { |line| line["class"] == STAGES.fetch(kind) && line["job_status"] == "done" }
    end
    sidekiq.queue_size(QUEUE)
  end

  def jobs(kind) = sidekiq.everywhere.select { |job| WORKERS.fetch(kind).include?(job["class"]) }
  def done?(kind) = jobs(kind).empty?

  def wait_until_done(kind, hubferry)
    WaitUntil.wait_until(every: 0.1, what: "all #{kind}", details: -> { hubferry.tail(5) }) do
      yield if block_given?
      sidekiq.make_due
      done?(kind)
    end
  end

  # Returns the state that the import ends in.
  def finish(hubferry)
    database.wait_for_import(project, details: -> { [@stages.tail(5), hubferry.tail(5)] }) { sidekiq.make_due }
  end

  # What is not as it must be when the import has ended.
  def differences
    { "uploads" => expected_attachments == uploads.values.sort, "links" => linked == uploads.keys.sort, "addresses" => addresses_left.empty?,
      "LFS objects" => expected_lfs == lfs_objects, "counters" => counters_equal?, "files without a row" => orphans.empty?,
      "jobs" => [sidekiq.dead, sidekiq.retries, sidekiq.interrupted, sidekiq.working].all?(&:empty?) }.reject { |_, right| right }.keys
  end

  # Paths of all files that no row knows of, temporary ones among them.
  def orphans = (files(:uploads).keys - uploads.keys) + (files(:lfs).keys - expected_lfs.map { |oid| lfs_path(oid) })

  private

  def folder(kind) = kind == :uploads ? config.uploads : config.lfs_objects

  # Path below the project's folder, or the folder of LFS objects => digest.
  def files(kind)
    contents = @storage ? @storage.objects(kind.to_s) : contents_below(folder(kind))
    contents.to_h { |path, content| [path.sub(%r{\A@hashed/\h\h/\h\h/\h{64}/}, ""), Digest::SHA256.hexdigest(content)] }
  end

  def contents_below(folder)
    paths = Dir.glob("**/*", File::FNM_DOTMATCH, base: folder).select { |path| File.file?(File.join(folder, path)) }
    paths.to_h { |path| [path, File.binread(File.join(folder, path))] }
  end

  # SECRET/NAME => digest of the file, of each row; a file that is missing has none, and a second row of it another key.
  def uploads
    rows = database.rows("SELECT secret || '/' || regexp_replace(path, '.*/', '') FROM uploads WHERE model_id = $1 ORDER BY id", project.id).flatten
    rows.each_with_index.to_h { |path, i| [rows.index(path) == i ? path : "#{path} again", files(:uploads).fetch(path, "missing")] }
  end

  def expected_attachments = github.attachments(ImportScenario::REPOSITORY).map { |file| file["sha256"] }.sort

  def texts
    database.rows(<<~SQL, project.id).flatten
      SELECT description FROM releases WHERE project_id = $1 UNION ALL SELECT note FROM notes WHERE project_id = $1
      UNION ALL SELECT description FROM issues WHERE project_id = $1 UNION ALL SELECT description FROM merge_requests WHERE target_project_id = $1
    SQL
  end

  def linked = texts.compact.flat_map { |text| text.scan(%r{/uploads/(\h{32}/[^)>"\s]+)}) }.flatten.uniq.sort
  def addresses_left = github.attachments(ImportScenario::REPOSITORY).map { |file| file["path"] }.select { |path| texts.any? { |text| text&.include?(path) } }

  def lfs_path(oid) = "#{oid[0, 2]}/#{oid[2, 2]}/#{oid[4..]}"
  def expected_lfs = Dir.children("#{ImportScenario.git_root(OBJECTS)}/#{ImportScenario::REPOSITORY}.git/lfs/objects").sort

  # The oids that are linked to the project, and whose file has that digest.
  def lfs_objects
    rows = database.rows(<<~SQL, project.id).flatten
      SELECT o.oid FROM lfs_objects o JOIN lfs_objects_projects l ON l.lfs_object_id = o.id WHERE l.project_id = $1 ORDER BY o.oid
    SQL
    kept = files(:lfs)
    rows.select { |oid| kept[lfs_path(oid)] == oid }
  end

  def counters_equal?
    counters = JSON.parse(database.import_state(project)["checksums"])
    counters["imported"] == counters["fetched"]
  end
end
