# frozen_string_literal: true

require "open3"
require_relative "file_repository"
require_relative "import_bench"

# Bringing files over, beside plain libcurl on as many connections.
class FileBench < ImportBench
  FLOOR = File.join(Paths::BUILD, "spec", "bench", "download_floor")
  CONCURRENCIES = [1, 4, CONCURRENCY].freeze

  # What the specs' Ruby executes.
  BY_RUBY = ["attached files"].freeze

  # number: of files of each kind.
  def initialize(number)
    super(FileRepository, number, ruby_number: 0)
    @repository = FileRepository.new(@services.folder, number)
  end

  def run
    introduce
    ruby = measures(BY_RUBY) { start_ruby }
    by_concurrency = CONCURRENCIES.to_h { |concurrency| [concurrency, measures { start_hubferry(concurrency) }] }
    report(by_concurrency.fetch(CONCURRENCY), ruby, @repository.downloads.transform_values { |lines| floor(lines) })
    report_scaling(by_concurrency)
  ensure
    ChildProcess.kill_all
    @services.stop
  end

  private

  def introduce
    puts "Import of #{@number} attached files, each named by an issue of its own, and of #{@number} LFS objects", ""
    puts "All are on this machine's fake GitHub, which answers with redirects as GitHub does. The floor is libcurl on #{CONCURRENCY} connections:"
    puts "each file is on the same disk (fsync) before the next one. Ruby is Sidekiq with ActiveRecord and Net::HTTP; it waits for no disk."
    puts "PostgreSQL: #{settings}", ""
  end

  def measures(stages = FileRepository::CALLERS.keys, &start)
    @stages = stages
    import(@number, outcome: false, &start).first
  end

  def start_ruby
    RubyWorker.new(@services, queues: [ImportTarget::QUEUE], concurrency: CONCURRENCY, boot: "import_workers.rb",
                              environment: { "LOG_LEVEL" => "warn", "GITLAB_STORAGE" => @config.storage, "UPLOADS" => @config.uploads,
                                             "GITHUB_TOKEN" => FileRepository::TOKEN })
  end

  def prepare(number)
    [@config.uploads, @config.lfs_objects].each { |folder| empty(folder) }
    @target = ImportTarget.new(@services, @sidekiq, @config, import_url: @repository.import_url, token: FileRepository::TOKEN)
    create_issues
    target.push(@repository)
    target.waiters.keep_if { |stage, _| @stages.include?(stage) }
  end

  # Nothing is removed: while thousands of inodes are fresh from removal, ext4 takes long to find one for a new file.
  def empty(folder) = FileUtils.mv(Dir.glob("#{folder}/*"), Dir.mktmpdir("former", @services.folder))

  def create_issues
    target.database.query("UPDATE application_settings SET allow_local_requests_from_web_hooks_and_services = true")
    target.database.query(<<~SQL, target.project.id, JSON.generate(@repository.texts))
      INSERT INTO issues (id, iid, title, project_id, namespace_id, author_id, work_item_type_id, description, created_at, updated_at)
      SELECT key::bigint, key::integer, 'Files', id, project_namespace_id, 1, 1, value, now(), now()
      FROM projects, json_each_text($2) WHERE id = $1
    SQL
  end

  def measure(stage, ...)
    super.tap { raise "#{stage}: some files are missing" unless brought_over(stage) == @number }
  end

  def brought_over(stage)
    Integer(target.database.value("SELECT count(*) FROM #{stage == "LFS objects" ? "lfs_objects_projects" : "uploads"}"))
  end

  # Files a second.
  def floor(lines)
    folder = Dir.mktmpdir("floor", @services.folder)
    output, status = Open3.capture2(FLOOR, folder, CONCURRENCY.to_s, stdin_data: lines.join("\n"))
    raise "download_floor failed" unless status.success?

    lines.size / Float(output)
  end

  def report(hubferry, ruby, floors)
    lines = hubferry.map do |stage, measure|
      floor, ruby_rate = floors.fetch(stage), ruby[stage]&.rate
      [stage, format("%.0f", @repository.sizes.fetch(stage)), floor.round, measure.rate.round, format("%.2f", measure.rate / floor),
       *(ruby_rate ? [ruby_rate.round, format("%.1f", measure.rate / ruby_rate)] : ["", ""])]
    end
    puts Table.new(["", "KB each", "libcurl files/s", "hubferry jobs/s", "of libcurl", "Ruby jobs/s", "times Ruby"], lines), ""
  end
end
