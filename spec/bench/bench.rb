# frozen_string_literal: true

# The benchmarks behind script/bench. Every figure stands beside a peer or a floor that was measured in the same run.

require "open3"
require "securerandom"
require_relative "../demo/table"
require_relative "../support/everything"
require_relative "file_bench"
require_relative "git_floor"
require_relative "import_bench"
require_relative "issue_repository"
require_relative "pull_repository"

class Bench
  QUEUE = "bench"
  CONCURRENCY = 20
  BUILD = File.join(Paths::BUILD, "spec", "bench")
  SAMPLES = 2000
  DELAY = 500 # microseconds each way: 1 ms a round trip

  # Redis through a proxy that delays: services with another address.
  DelayedServices = Struct.new(:services, :redis) do
    def folder = services.folder
    def postgres = services.postgres
  end
  DelayedRedis = Struct.new(:redis, :port) do
    def url = "redis://127.0.0.1:#{port}/0"
    def socket = redis.socket
  end

  def initialize(jobs)
    @jobs = jobs
    @services = PrivateServices.start
    @sidekiq = SidekiqSide.new(@services.redis)
  end

  def run
    puts "#{@jobs} no-op jobs of #{payload(0).bytesize} bytes; one process each with #{CONCURRENCY} threads; Redis #{redis_version}", ""
    rows = [["none", @services], ["1 ms", delayed]].flat_map { |latency, services| drain_all(latency, services) }
    puts Table.new(["network latency", "who", "jobs/s", "of the floor", "times Ruby"], rows), ""
    latency
  ensure
    ChildProcess.kill_all
    @services.stop
  end

  private

  def redis_version = @sidekiq.redis { |redis| redis.info["redis_version"] }

  def delayed
    file = File.join(@services.folder, "proxy.port")
    ChildProcess.new(File.join(BUILD, "latency_proxy"), @services.redis.port.to_s, DELAY.to_s, output: file)
    WaitUntil.wait_until(what: "the proxy") { File.read(file).include?("\n") }
    DelayedServices.new(@services, DelayedRedis.new(@services.redis, Integer(File.read(file))))
  end

  def drain_all(latency, services)
    floor = rate { floor_seconds(services) }
    ruby = rate { drain_seconds(services) { RubyWorker.new(services, queues: [QUEUE], concurrency: CONCURRENCY, environment: quiet_ruby) } }
    hubferry = rate { drain_seconds(services) { start_hubferry(services) } }
    [["Redis floor: LMOVE + LREM pipelined", floor], ["Ruby Sidekiq with GitLab's fetcher", ruby], ["hubferry", hubferry]].map do |who, rate|
      [latency, who, rate.round, format("%.2f", rate / floor), format("%.1f", rate / ruby)]
    end
  end

  def rate = @jobs / yield

  # Both sides log warnings only, and do without GitLab's middleware, which would cost Ruby much more.
  def quiet_ruby = { "GITLAB_MIDDLEWARE" => "0", "LOG_LEVEL" => "warn" }

  def start_hubferry(services)
    HubferryProcess.new(services, queues: [QUEUE], program: :spec_worker, concurrency: CONCURRENCY, arguments: ["--log-level", "warn"])
  end

  # As GitLab writes them, about 700 bytes.
  def payload(number)
    %({"retry":5,"queue":"#{QUEUE}","version":0,"dead":false,"queue_namespace":"github_importer","args":[42,{"number":#{number},) +
      %("title":"A title of the usual length for an issue"},"gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"],) +
      %("class":"Spec::NoopWorker","jid":"#{format("%024x", number)}","created_at":1732199999.123456,) +
      %("correlation_id":"01JD7ZC5P3T9QX5M8V4R2N6K1B","meta.caller_id":"Gitlab::GithubImport::Stage::ImportIssuesAndDiffNotesWorker",) +
      %("meta.feature_category":"importers","meta.user":"root","meta.user_id":1,"meta.project":"acme-group/rocket",) +
      %("meta.root_namespace":"acme-group","meta.organization_id":1,"worker_data_consistency":"always",) +
      %("size_limiter":"validated","enqueued_at":1732199999.1301})
  end

  # The jobs wait under another name, so that the process is up and idle when they become visible at once.
  def fill
    @sidekiq.redis do |redis|
      (0...@jobs).each_slice(1000) { |slice| redis.lpush("queue:waiting", slice.map { |number| payload(number) }) }
    end
  end

  def floor_seconds(services)
    fill
    @sidekiq.redis { |redis| redis.rename("queue:waiting", "queue:floor") }
    output, status = Open3.capture2(File.join(BUILD, "redis_floor"), "127.0.0.1", services.redis.port.to_s, "queue:floor", "working:floor", "1000")
    raise "redis_floor failed" unless status.success?

    Float(output)
  end

  def drain_seconds(_services)
    fill
    process = yield
    sleep 1
    started = now
    @sidekiq.redis { |redis| redis.rename("queue:waiting", "queue:#{QUEUE}") }
    WaitUntil.wait_until(timeout: 900, every: 0.01, what: "an empty queue", details: -> { process.tail }) { drained? }
    (now - started).tap { process.term }
  end

  def drained?
    @sidekiq.redis do |redis|
      redis.llen("queue:#{QUEUE}").zero? && redis.scan_each(match: "working:queue:#{QUEUE}:*").none?
    end
  end

  def latency
    process = start_hubferry(@services)
    output, status = Open3.capture2(File.join(BUILD, "push_latency"), "127.0.0.1", @services.redis.port.to_s, QUEUE, SAMPLES.to_s)
    raise "push_latency failed\n#{process.tail}" unless status.success?

    start50, start99, trip50, trip99 = output.split.map(&:to_i)
    puts Table.new(["idle process, #{SAMPLES} samples", "p50", "p99"],
                   [["from push to start of the job", "#{start50} us", "#{start99} us"], ["one Redis round trip", "#{trip50} us", "#{trip99} us"]])
    puts
  end

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

jobs, issues, pulls, files = [200_000, 20_000, 5000, 1000].zip(ARGV).map { |default, given| Integer(given || default) }
Bench.new(jobs).run if jobs.positive?
ImportBench.new(IssueRepository, issues, ruby_number: 400).run if issues.positive?
if pulls.positive?
  PullRepository.make(pulls)
  ImportBench.new(PullRepository, pulls, ruby_number: 60).run do |measures|
    rate = measures.fetch("pull requests").rate
    lines = GitFloor.new(PullRepository.git_directory, PullRepository.new(pulls).commits).run
    rows = ["git diff-tree, one process a core", "the same and git rev-list, one process a pull request"].zip(lines).map do |what, floor|
      [what, floor.round, format("%.2f", rate / floor)]
    end
    puts Table.new(["the same pairs of commits by git", "pull requests/s", "hubferry, of it"], rows), ""
  end
end
FileBench.new(files).run if files.positive?
