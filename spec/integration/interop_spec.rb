# frozen_string_literal: true

require_relative "../support/harness"

# hubferry and real Ruby Sidekiq with GitLab's fetcher on the same Redis: queues of their own, and one that both listen to
# and that holds jobs of classes which only one of them knows. Ruby fails a class that it does not know, and Sidekiq's
# retry brings the job back; hubferry hands it over. In the end every job was performed once, by the side that knows it.
describe "hubferry beside Ruby Sidekiq" do
  let(:services) { shared_services }
  let(:sidekiq) { SidekiqSide.new(services.redis) }

  def start_both
    @ruby = RubyWorker.new(services, queues: %w[ruby shared default])
    @hubferry = HubferryProcess.new(services, queues: %w[hubferry shared], program: :spec_worker,
                                              arguments: ["--average-scheduled-poll-interval", "1"])
  end

  # Ruby's poller and its semi-reliable fetch hold a job in no list for a moment: that there is none does not mean that all are done.
  def wait_until_all_done
    wait_until(what: "no job left", every: 0.05, details: -> { "#{sidekiq.everywhere.first(3)}\n#{@hubferry.tail(5)}" }) do
      sidekiq.make_due
      sidekiq.empty? && yield
    end
  end

  # Registered is not yet fetching: afterwards both are.
  def perform_one_each
    %w[Ruby Hubferry].each { |side| sidekiq.push("Spec::Only#{side}Worker", [0], queue: side.downcase) }
    wait_until_all_done { [numbers("Spec::OnlyRubyWorker"), numbers("Spec::OnlyHubferryWorker")] == [[0], [0]] }
  end

  def counters = sidekiq.redis { |redis| redis.mget((0...60).map { |number| "counter:#{number}" }) }
  def numbers(class_name) = sidekiq.performed(class_name).map(&:first).sort

  it "performs every job of own and shared queues once, on the side that knows its class" do
    start_both
    60.times do |number|
      sidekiq.push("Spec::OnlyHubferryWorker", [number], queue: number.even? ? "hubferry" : "shared")
      sidekiq.push("Spec::OnlyRubyWorker", [number], queue: number.even? ? "ruby" : "shared")
      sidekiq.push("Spec::CounterWorker", ["counter:#{number}"], queue: %w[hubferry ruby shared][number % 3])
    end
    wait_until_all_done do
      counters.all? && %w[Spec::OnlyHubferryWorker Spec::OnlyRubyWorker].all? { |class_name| numbers(class_name).size >= 60 }
    end

    _(numbers("Spec::OnlyHubferryWorker")).must_equal (0...60).to_a
    _(numbers("Spec::OnlyRubyWorker")).must_equal (0...60).to_a
    _(counters.uniq).must_equal ["1"]
    _(sidekiq.redis { |redis| redis.zcard("dead") }).must_equal 0
  end

  it "shares the work of one queue" do
    start_both
    perform_one_each
    sidekiq.push_bulk("Spec::SleepWorker", [[0.05]] * 400, queue: "shared")
    # With the heartbeats: a Ruby process that ends during a beat may lose the counts of that beat.
    wait_until_all_done { sidekiq.processed == 402 }
    statuses = [@ruby, @hubferry].map { |process| process.term.exitstatus }
    _(statuses).must_equal [0, 0]
    _([sidekiq.processed, sidekiq.failed]).must_equal [402, 0]
    by_hubferry = @hubferry.log.count { |line| line["class"] == "Spec::SleepWorker" && line["job_status"] == "done" }
    _(by_hubferry).must_be :>, 0
    _(by_hubferry).must_be :<, 400
  end

  it "performs a job that Ruby has failed, and leaves Ruby's classes in the retry set to Ruby" do
    hubferry = HubferryProcess.new(services, queues: ["hubferry"], program: :spec_worker,
                                             arguments: ["--average-scheduled-poll-interval", "1"])
    ours = { "class" => "Spec::CounterWorker", "args" => ["counter"], "queue" => "hubferry", "jid" => "ours", "retry" => true,
             "retry_count" => 3, "failed_at" => Time.now.to_f, "error_class" => "NameError", "error_message" => "x" }
    theirs = ours.merge("class" => "Spec::OnlyRubyWorker", "jid" => "theirs")
    sidekiq.redis { |redis| [theirs, ours].each { |job| redis.zadd("retry", Time.now.to_f - 10, JSON.generate(job)) } }
    hubferry.wait_for_log("our job's end") { |line| line["jid"] == "ours" && line["job_status"] == "done" }
    _(sidekiq.retries.map { |entry| entry.job["jid"] }).must_equal ["theirs"]
  end
end
