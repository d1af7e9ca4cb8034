# frozen_string_literal: true

require_relative "gitlab_config"
require_relative "gitlab_database"
require_relative "hubferry_process"
require_relative "import_scenario"
require_relative "sidekiq_side"
require_relative "streaming_server"

# The jobs of large files, and the memory that they take. The block says which files:
#
#   HeavyFiles.new(services, concurrency: 5) do |files|
#     files.attachments(5, megabytes: 40)           # each in a text of its own
#     files.lfs_object(megabytes: 40)
#   end.run.memory
class HeavyFiles
  QUEUE = ImportScenario::QUEUE
  ATTACHMENTS = "Gitlab::GithubImport::Attachments::ImportIssueWorker"
  LFS_OBJECT = "Gitlab::GithubImport::ImportLfsObjectWorker"
  MAX_ATTACHMENT_SIZE = 100 # megabytes, GitLab's default

  attr_reader :memory_before

  def initialize(services, concurrency:, environment: {}, &heavy)
    @server = StreamingServer.new
    @database = GitlabDatabase.new(services.postgres)
    @sidekiq = SidekiqSide.new(services.redis)
    @config = GitlabConfig.new(Dir.mktmpdir("config", services.folder), services)
    @jobs = 0
    @sizes = []
    @project = create_import
    @hubferry = HubferryProcess.new(services, queues: [QUEUE], concurrency: concurrency, config: config, environment: environment)
    @memory_before = memory
    heavy.call(self)
  end

  def attachments(count, megabytes:)
    count.times { |number| text("![a film](#{@server.file_url(megabytes, "film-#{number}.mp4")})", [megabytes << 20]) }
  end

  # An attachment that becomes a thousand times larger when it is unpacked: larger than is allowed.
  def packed_attachment(megabytes:) = text("![a film](#{@server.file_url(megabytes, "film.gz.mp4")})", [])

  # A text of this many bytes at least that names empty files.
  def long_text(addresses:, bytes:)
    filler = "x" * (bytes / addresses)
    text((1..addresses).map { |number| "![#{filler}](#{@server.file_url(0, "#{number}.png")})\n\n" }.join, [0] * addresses)
  end

  def lfs_object(megabytes:)
    push(LFS_OBJECT, { "oid" => @server.digest(megabytes), "size" => megabytes << 20, "link" => @server.stored_url(megabytes, "object"),
                       "headers" => {} }, [megabytes << 20])
  end

  # Until each job has been executed and all files that are allowed are there.
  def run(timeout: 300)
    @hubferry.wait_until("the end of #{@jobs} jobs", timeout: timeout) { @sidekiq.queue_size(QUEUE).zero? && @sidekiq.working.values.flatten.empty? }
    raise "some files are missing: #{sizes}\n#{@hubferry.tail}" unless sizes == @sizes.sort

    self
  end

  # Why jobs are to be tried again.
  def failures = @sidekiq.retries.map { |entry| entry.job["error_message"] }

  # The most that the process has had at any time, in megabytes: the kernel's own figure.
  def memory = Integer(File.read("/proc/#{@hubferry.pid}/status")[/VmHWM:\s+(\d+)/, 1]) / 1024

  private

  attr_reader :project, :database, :config

  # Of all files that were brought over, in bytes.
  def sizes = database.rows("SELECT size FROM uploads UNION ALL SELECT size FROM lfs_objects ORDER BY 1").flatten.map(&:to_i)

  def create_import
    database.query("UPDATE application_settings SET allow_local_requests_from_web_hooks_and_services = true, max_attachment_size = $1", MAX_ATTACHMENT_SIZE)
    project = database.create_import("heavy", import_source: StreamingServer::REPOSITORY, import_url: @server.import_url)
    database.query("UPDATE project_mirror_data SET status = 'started', jid = 'heavy' WHERE project_id = $1", project.id)
    project
  end

  def text(text, sizes)
    id = database.value(<<~SQL, project.id, text, @jobs + 1)
      INSERT INTO issues (iid, title, project_id, namespace_id, author_id, work_item_type_id, description, created_at, updated_at)
      SELECT $3, 'Heavy', id, project_namespace_id, 1, 1, $2, now(), now() FROM projects WHERE id = $1 RETURNING id
    SQL
    push(ATTACHMENTS, { "record_db_id" => Integer(id), "record_type" => "Issue", "iid" => @jobs + 1, "text" => text }, sizes)
  end

  # sizes: of the files that the job brings over, in bytes.
  def push(class_name, representation, sizes)
    @jobs += 1
    @sizes.concat(sizes)
    @sidekiq.push(class_name, [project.id, representation, "gitlab:job_waiter:heavy"], queue: QUEUE)
  end
end
