# frozen_string_literal: true

require "json"
require "sidekiq"
require "time"
require_relative "database"
require_relative "gitlab_sidekiq"

# GitLab's shared-state Redis and import state, as the workers below use them.
module ImportState
  JOB_WAITER = /\Agitlab:job_waiter:\h{8}(-\h{4}){3}-\h{12}\z/

  module_function

  # The row (id, jid) of an import that is still going on.
  def started(project_id)
    Database.query("SELECT id, jid FROM project_mirror_data WHERE project_id = $1 AND status = 'started'", project_id).first
  end

  def refresh_jid(state)
    GitlabSidekiq::Status.set(state["jid"], GitlabSidekiq::Status::IMPORT_EXPIRATION) if state["jid"]
  end

  def fail(project_id, error_class, message, source)
    Database.query("INSERT INTO import_failures (project_id, created_at, source, exception_class, exception_message, " \
                   "correlation_id_value, retry_count, external_identifiers) VALUES ($1, now(), $2, $3, $4, $5, 0, '{}')",
                   project_id, source, error_class, message, GitlabSidekiq::Context.current["correlation_id"])
    Database.query("UPDATE project_mirror_data SET status = 'failed' WHERE project_id = $1 AND status IN ('scheduled', 'started')", project_id)
    Database.query("UPDATE project_mirror_data SET last_error = $2 WHERE project_id = $1", project_id, message)
    Database.query("DELETE FROM project_import_data WHERE project_id = $1", project_id)
  end

  def timeout_strategy(project_id)
    data = Database.query("SELECT data FROM project_import_data WHERE project_id = $1", project_id).first
    (data && JSON.parse(data["data"] || "{}")["timeout_strategy"]) || "pessimistic"
  end

  def creator_id(project_id) = Database.query("SELECT creator_id FROM projects WHERE id = $1", project_id).first["creator_id"].to_i
end

module Gitlab
  module Import
    # Keeps the status keys of a running stage job and of its import alive.
    class RefreshImportJidWorker
      include Sidekiq::Worker
      sidekiq_options(**GitlabSidekiq::WorkerOptions.of("Gitlab::Import::RefreshImportJidWorker").transform_keys(&:to_sym))

      INTERVAL = 300

      def perform(project_id, check_job_id, _params = {})
        return unless GitlabSidekiq::Status.running?(check_job_id)

        state = ImportState.started(project_id)
        return unless state && state["jid"]

        GitlabSidekiq::Status.expire(check_job_id, GitlabSidekiq::Status::IMPORT_EXPIRATION)
        ImportState.refresh_jid(state)
        GitlabSidekiq.push(self.class.name, [project_id, check_job_id], delay: INTERVAL)
      end
    end
  end

  module GithubImport
    # Forwards jobs that were pushed under the class's old name.
    class RefreshImportJidWorker
      include Sidekiq::Worker

      def perform(project_id, check_job_id) = Gitlab::Import::RefreshImportJidWorker.new.perform(project_id, check_job_id)
    end

    # Counts finished object jobs and pushes the next stage when none is left.
    class AdvanceStageWorker
      include Sidekiq::Worker
      sidekiq_options(**GitlabSidekiq::WorkerOptions.of("Gitlab::GithubImport::AdvanceStageWorker").transform_keys(&:to_sym))

      INTERVAL = 30
      BLOCKING_WAIT_TIME = 5
      TIMEOUT = 7200
      STAGES = {
        "repository" => "ImportRepositoryWorker", "base_data" => "ImportBaseDataWorker",
        "pull_requests" => "ImportPullRequestsWorker", "collaborators" => "ImportCollaboratorsWorker",
        "issues_and_diff_notes" => "ImportIssuesAndDiffNotesWorker", "issue_events" => "ImportIssueEventsWorker",
        "attachments" => "ImportAttachmentsWorker", "protected_branches" => "ImportProtectedBranchesWorker",
        "lfs_objects" => "ImportLfsObjectsWorker", "finish" => "FinishImportWorker"
      }.freeze

      def perform(project_id, waiters, next_stage, timeout_timer = nil, previous_job_count = nil)
        state = ImportState.started(project_id)
        return delete_waiters(waiters) unless state

        remaining = wait_for_jobs(waiters)
        count = remaining.values.sum
        timer = timeout_timer && Time.parse(timeout_timer)
        if timer.nil? || count != previous_job_count
          timer = Time.now.utc
          ImportState.refresh_jid(state)
        end

        if remaining.empty? then proceed(project_id, state, next_stage)
        elsif Time.now - timer > TIMEOUT then time_out(project_id, state, remaining, next_stage)
        else GitlabSidekiq.push(self.class.name, [project_id, remaining, next_stage, timer.to_s, count], delay: INTERVAL)
        end
      end

      private

      def wait_for_jobs(waiters)
        waiters.filter_map do |key, count|
          left = wait_for_waiter(key, count)
          [key, left] if left.positive?
        end.to_h
      end

      def wait_for_waiter(key, count)
        deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + BLOCKING_WAIT_TIME
        while count.positive?
          seconds = (deadline - Process.clock_gettime(Process::CLOCK_MONOTONIC)).ceil
          break unless seconds.positive? && Sidekiq.redis { |redis| redis.blpop(key, timeout: seconds) }

          count -= 1
        end
        count
      end

      def proceed(project_id, state, next_stage)
        GitlabSidekiq.push("Import::LoadPlaceholderReferencesWorker",
                           ["github", state["id"].to_i, { "current_user_id" => ImportState.creator_id(project_id) }])
        ImportState.refresh_jid(state)
        GitlabSidekiq.push("Gitlab::GithubImport::Stage::#{STAGES.fetch(next_stage)}", [project_id])
      end

      def time_out(project_id, state, remaining, next_stage)
        strategy = ImportState.timeout_strategy(project_id)
        delete_waiters(remaining)
        if strategy == "optimistic" then proceed(project_id, state, next_stage)
        elsif strategy == "pessimistic"
          ImportState.fail(project_id, "Gitlab::Import::AdvanceStage::AdvanceStageTimeoutError",
                           "Failing advance stage, timeout reached with pessimistic strategy", self.class.name)
        end
      end

      def delete_waiters(waiters)
        keys = waiters.keys.grep(ImportState::JOB_WAITER)
        Sidekiq.redis { |redis| redis.del(*keys) } if keys.any?
      end
    end
  end
end

module Import
  # Moves placeholder references from their Redis set into the table.
  class LoadPlaceholderReferencesWorker
    include Sidekiq::Worker
    sidekiq_options(**GitlabSidekiq::WorkerOptions.of("Import::LoadPlaceholderReferencesWorker").transform_keys(&:to_sym))

    BATCH = 500

    def perform(import_source, import_uid, _params = {})
      key = "cache:gitlab:placeholder-references:#{import_source}:#{import_uid}"
      loop do
        members = Sidekiq.redis { |redis| redis.srandmember(key, BATCH) }
        members.each { |member| insert(JSON.parse(member)) }
        Sidekiq.redis { |redis| redis.srem(key, members) } if members.any?
        break if members.size < BATCH
      end
    end

    private

    def insert(reference)
      composite_key, model, namespace_id, numeric_key, source_user_id, user_reference_column, alias_version = reference
      Database.query("INSERT INTO import_source_user_placeholder_references (composite_key, model, namespace_id, numeric_key, " \
                     "source_user_id, user_reference_column, alias_version, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, now())",
                     composite_key && JSON.generate(composite_key), model, namespace_id, numeric_key, source_user_id,
                     user_reference_column, alias_version)
    end
  end
end
