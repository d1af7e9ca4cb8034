# frozen_string_literal: true

# Attachments and LFS objects while everything around them fails: afterwards each file, row and link is there exactly once, and nothing
# else is.

require_relative "../support/harness"
require_relative "../support/files_import"
require_relative "../support/object_storage"

describe "files under faults" do
  SEED = Integer(ENV.fetch("SEED", Random.new_seed % 100_000))
  KILLS = Integer(ENV.fetch("KILLS", 3))
  # Whoever runs the specs, the process obeys the modes of files.
  OBEYING = Process.uid.zero? ? ["setpriv", "--bounding-set=-dac_override"] : []
  GITHUB = [
    { "status" => 429, "headers" => { "Retry-After" => "1" }, "times" => 1 }, { "status" => 502, "times" => 2 }, { "reset" => true, "times" => 2 },
    { "truncate" => 20, "times" => 2 }, { "hang" => 3, "times" => 1 }, { "status" => 503, "times" => 2 }
  ].freeze
  PLACES = { attachments: ["*/assets/*", "*/files/*", "/_storage/attachments/*"], lfs: ["*/lfs/*"] }.freeze
  # From the process's start on a write beyond the limit is an error and no signal.
  trap("XFSZ", "IGNORE")

  def failed(import, kind, message)
    import.sidekiq.retries.count { |entry| FilesImport::WORKERS.fetch(kind).include?(entry.job["class"]) && entry.job["error_message"].include?(message) }
  end

  def wait_for_failures(import, kind, message, count, hubferry)
    wait_until(what: "#{count} failures of #{kind}: #{message}", details: -> { hubferry.tail(5) }) do
      failed(import, kind, message) >= count
    end
  end

  def limit_file_size(hubferry, bytes) = system("prlimit", "--pid", hubferry.pid.to_s, "--fsize=#{bytes}:unlimited", exception: true)

  def while_read_only(folder)
    File.chmod(0o555, folder)
    yield
  ensure
    File.chmod(0o755, folder)
  end

  def while_full(hubferry)
    limit_file_size(hubferry, 0)
    yield
  ensure
    limit_file_size(hubferry, "unlimited")
  end

  def while_unmounted(folder)
    File.rename(folder, "#{folder}.away")
    yield
  ensure
    File.rename("#{folder}.away", folder)
  end

  def without_queue(jobs) = jobs.map { |job| job.except("queue", "enqueued_at") }.sort_by { |job| job["jid"] }

  # A hubferry that knows no folder for files hands all of their jobs to Ruby, as they are.
  def assert_handed_over(import, kind)
    jobs = without_queue(import.jobs(kind))
    homeless = import.start_hubferry(arguments: ["--uploads-directory", "/nowhere", "--lfs-directory", "/nowhere"])
    wait_until(what: "jobs for Ruby", details: -> { homeless.tail(5) }) { import.jobs(kind).all? { |job| job["queue"] == "default" } }
    homeless.term
    _(without_queue(import.jobs(kind)) - jobs).must_be_empty
    _(take_back(import, kind)).must_equal jobs.size
  end

  # Jobs that were handed to Ruby, and that nobody has taken there.
  def take_back(import, kind)
    handed_over = import.sidekiq.queue("default").select { |job| FilesImport::WORKERS.fetch(kind).include?(job["class"]) }
    import.sidekiq.redis do |redis|
      redis.lrange("queue:default", 0, -1).select { |text| handed_over.include?(JSON.parse(text)) }.each do |text|
        redis.lrem("queue:default", 1, text)
        redis.lpush("queue:#{FilesImport::QUEUE}", text)
      end
    end
    handed_over.size
  end

  def assert_complete(import, hubferry)
    _(import.finish(hubferry)).must_equal "finished"
    _(import.differences).must_be_empty "seed #{SEED}"
    _(import.orphans).must_be_empty
  end

  def disturb_github(import, kind)
    PLACES.fetch(kind).each do |place|
      GITHUB.each_with_index { |fault, i| import.github.fault(fault.merge("match" => place, "method" => "GET", "skip" => i)) }
    end
  end

  # A job that is interrupted for the third time is given up, as in GitLab.
  def kill(import, hubferry)
    return hubferry if import.sidekiq.endangered?

    hubferry.kill
    import.sidekiq.forget_process(hubferry.pid)
    start_slowly(import)
  end

  # Jobs of files are retried five times, in the course of some ten minutes; nobody's faults last that long.
  def nearly_exhausted?(import) = import.sidekiq.retries.any? { |entry| entry.job["retry_count"].to_i > 1 }

  def clear_faults(import, storage)
    @hits = @hits.to_i + import.github.faults.sum { |fault| fault["hits"] }
    import.github.clear_faults
    storage.clear_faults
  end

  # So that a disturbance finds jobs that are being executed.
  def start_slowly(import) = import.start_hubferry(concurrency: 3, arguments: ["--github-timeout", "1"])

  def disturb(import, hubferry, storage, random)
    disturbances = Array.new(KILLS) { :kill } + %i[redis postgres storage]
    disturbances.shuffle(random: random).each do |disturbance|
      sleep random.rand(0.3)
      import.sidekiq.make_due unless nearly_exhausted?(import)
      case disturbance
      when :redis then import.scenario.services.redis.restart(kill: true)
      when :postgres then import.scenario.services.postgres.restart
      when :storage then [503, :cut, 500].each { |fault| storage.fail(fault, times: 2) }
      when :kill then hubferry = kill(import, hubferry)
      end
    end
    hubferry
  end

  def while_down(storage)
    storage.stop
    yield
  ensure
    storage.start
  end

  it "go to Ruby where there is no folder for them, and wait for one that is read-only, full or not mounted" do
    import = FilesImport.new(start_services)
    import.start
    hubferry = nil
    { attachments: import.config.uploads, lfs: import.config.lfs_objects }.each do |kind, folder|
      count = import.wait_for_jobs(kind)
      assert_handed_over(import, kind)
      hubferry = while_read_only(folder) do
        import.start_hubferry(wrapper: OBEYING).tap { |process| wait_for_failures(import, kind, "Permission denied", count, process) }
      end
      while_full(hubferry) do
        import.sidekiq.make_due
        wait_for_failures(import, kind, "File too large", 1, hubferry)
      end
      while_unmounted(folder) do
        wait_until(what: "jobs for Ruby", details: -> { hubferry.tail(5) }) do
          import.sidekiq.make_due
          import.jobs(kind).all? { |job| job["queue"] == "default" }
        end
      end
      _(take_back(import, kind)).must_be :>, 0
      import.wait_until_done(kind, hubferry)
      hubferry.term
    end
    assert_complete(import, hubferry)
  end

  it "survive object storage, Redis, PostgreSQL, GitHub and their own process failing at random" do
    services = start_services(appendonly: true)
    storage = ObjectStorage.new(File.join(services.folder, "objects"), buckets: %w[uploads lfs])
    import = FilesImport.new(services, storage: storage)
    import.start
    hubferry = nil
    %i[attachments lfs].each_with_index do |kind, i|
      import.wait_for_jobs(kind)
      hubferry = while_down(storage) { start_slowly(import).tap { |process| wait_for_failures(import, kind, "Failed to connect", 1, process) } }
      disturb_github(import, kind)
      hubferry = disturb(import, hubferry, storage, Random.new(SEED + i))
      import.wait_until_done(kind, hubferry) { clear_faults(import, storage) if nearly_exhausted?(import) }
      clear_faults(import, storage)
      hubferry.term
    end
    _(@hits).must_be :>, 5
    assert_complete(import, hubferry)
  end
end
