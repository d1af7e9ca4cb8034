# frozen_string_literal: true

# Writes the seeds of payload_fuzz and json_fuzz, one payload a file, to spec/fuzz/corpus/payload/: jobs as Ruby's Sidekiq client with
# GitLab's middleware pushes them, and as a Ruby Sidekiq process with GitLab's fetcher leaves them when they fail or are interrupted; and
# an answer of GitHub's.
#
#   ruby spec/fuzz/record_corpus.rb

require_relative "../support/everything"

CORPUS = File.join(__dir__, "corpus", "payload")
OBJECT = { "iid" => 4, "title" => "Größe 😀 </a>\u2028", "description" => "a\u0000b\n\"\\\t\u007f", "author" => { "id" => 9, "login" => "ann" },
           "created_at" => "2024-01-02 03:04:05 UTC", "milestone_number" => nil, "work_item" => false }.freeze

# An answer of GitHub's with half of a surrogate pair and bytes that are not UTF-8.
ANSWER = "[{\"number\":1,\"body\":\"half \\ud83d pair\",\"user\":{\"login\":\"a\xFF\xC3(b\xF0\x9F\",\"id\":7}}]"

def each_pushed(sidekiq)
  stages = %w[ImportRepository ImportBaseData ImportPullRequests ImportIssuesAndDiffNotes ImportNotes FinishImport]
  stages.each { |stage| sidekiq.push("Gitlab::GithubImport::Stage::#{stage}Worker", [22], queue: "pushed") }
  %w[Issue Note PullRequest DiffNote IssueEvent LfsObject].each do |kind|
    sidekiq.push("Gitlab::GithubImport::Import#{kind}Worker", [22, OBJECT, "github-import:waiter:#{SecureRandom.uuid}"], queue: "pushed")
  end
  sidekiq.push("RepositoryImportWorker", [22], queue: "pushed")
  sidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [22, { "key" => 3 }, "issues_and_diff_notes", 1_700_000_000, 0], queue: "pushed")
  sidekiq.push("Import::LoadPlaceholderReferencesWorker", ["github", 22], queue: "pushed")
  sidekiq.push("Spec::NoopWorker", [2**53, -(2**63), 2**64 - 1, 2**80], queue: "pushed")
  sidekiq.push("Spec::NoopWorker", [1.0, 1e-7, 1e22, 5e-324, -0.0, 1.7976931348623157e308], queue: "pushed")
  sidekiq.push("Spec::NoopWorker", [[[[[[[[{ "" => [] }]]]]]]], {}], queue: "pushed")
  [[22, OBJECT], ["x" * 5000], []].each do |args|
    compressed = GitlabSidekiq::Middleware::SizeLimiterServer.compress(args)
    sidekiq.push("Spec::NoopWorker", compressed.delete("args"), queue: "pushed", extra: compressed)
  end
  context = { "user" => "root", "project" => "group/project", "caller_id" => "POST /api/:version/import/github" }
  GitlabSidekiq::Context.with(context) { sidekiq.push("Spec::NoopWorker", [], queue: "pushed") }
end

def push_what_fails(sidekiq)
  sidekiq.push("Spec::FailWorker", ["plain"], queue: "failing")
  sidekiq.push("Spec::FailWorker", ["two\nlines \u0000 and 😀"], queue: "failing", extra: { "backtrace" => 3 })
  sidekiq.push("Spec::FailWorker", ["again"], queue: "failing", extra: { "retry_count" => 2, "failed_at" => 1.7e9, "retry" => 5 })
  sidekiq.push("Spec::FailWorker", ["last"], queue: "failing", extra: { "retry_count" => 0, "failed_at" => 1.7e9, "retry" => 1 })
  sidekiq.push("Spec::UnknownWorker", [1], queue: "failing", extra: { "retry_queue" => "low", "tags" => %w[a b] })
end

def push_what_is_interrupted(sidekiq)
  sidekiq.push("Spec::SleepWorker", [600], queue: "sleeping")
  sidekiq.push("Spec::SleepWorker", [600, OBJECT], queue: "sleeping", extra: { "interrupted_count" => 1 })
  sidekiq.push("Spec::SleepWorker", [600], queue: "sleeping", extra: { "interrupted_count" => 3 })
  sidekiq.push("Spec::SleepWorker", [600], queue: "sleeping", extra: { "interrupted_count" => 7, "max_retries_after_interruption" => 20 })
end

def run_ruby(services, sidekiq)
  ruby = RubyWorker.new(services, queues: %w[failing sleeping], timeout: 1)
  WaitUntil.wait_until(what: "all failed and asleep", details: -> { ruby.tail }) do
    sidekiq.failed == 5 && sidekiq.working.values.flatten.size == 4
  end
  ruby.term
end

def texts(redis)
  pushed = redis.lrange("queue:pushed", 0, -1).reverse
  scheduled = redis.zrange("schedule", 0, -1)
  failed = redis.zrange("retry", 0, -1) + redis.zrange("dead", 0, -1)
  interrupted = redis.lrange("queue:sleeping", 0, -1) + redis.zrange("interrupted", 0, -1)
  { "pushed" => pushed, "scheduled" => scheduled, "failed" => failed, "interrupted" => interrupted }
end

services = PrivateServices.start
begin
  sidekiq = SidekiqSide.new(services.redis)
  each_pushed(sidekiq)
  sidekiq.push("Gitlab::Import::RefreshImportJidWorker", [22, "a" * 24], delay: 60)
  push_what_fails(sidekiq)
  push_what_is_interrupted(sidekiq)
  run_ruby(services, sidekiq)
  FileUtils.rm_f(Dir.glob(File.join(CORPUS, "*.json")))
  FileUtils.mkdir_p(CORPUS)
  File.binwrite(File.join(CORPUS, "answer-00.json"), ANSWER)
  sidekiq.redis do |redis|
    texts(redis).each do |kind, payloads|
      payloads.each_with_index { |text, index| File.write(File.join(CORPUS, format("%s-%02d.json", kind, index)), text) }
    end
  end
ensure
  ChildProcess.kill_all
  services.stop
end
