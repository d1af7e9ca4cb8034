# frozen_string_literal: true

module GitlabSidekiq
  # The sidekiq_options of GitLab's import workers as they stand in a payload, and what else a class declares.
  module WorkerOptions
    STAGES = "Gitlab::GithubImport::Stage::"
    RESUMABLE = %w[ImportPullRequestsWorker ImportIssuesAndDiffNotesWorker ImportIssueEventsWorker ImportAttachmentsWorker
                   ImportLfsObjectsWorker].map { |name| STAGES + name }.freeze
    IDEMPOTENT = %w[Gitlab::Import::RefreshImportJidWorker Import::LoadPlaceholderReferencesWorker].freeze
    UNTIL_EXECUTED = %w[Import::LoadPlaceholderReferencesWorker].freeze

    COMMON = { "retry" => true, "store" => nil, "version" => 0 }.freeze
    BY_NAME = {
      "RepositoryImportWorker" => { "retry" => false, "dead" => false, "status_expiration" => 86_400,
                                    "memory_killer_memory_growth_kb" => 50, "memory_killer_max_memory_growth_kb" => 300_000 },
      "Gitlab::GithubImport::AdvanceStageWorker" => { "retry" => 6, "dead" => false },
      "Gitlab::Import::RefreshImportJidWorker" => { "retry" => 5, "dead" => false },
      "Import::LoadPlaceholderReferencesWorker" => { "retry" => 6, "dead" => false }
    }.freeze

    module_function

    def of(class_name) = COMMON.merge(BY_NAME[class_name] || by_namespace(class_name))

    def by_namespace(class_name)
      if class_name.start_with?(STAGES)
        options = { "retry" => 6, "dead" => false, "queue_namespace" => "github_importer", "status_expiration" => 86_400 }
        RESUMABLE.include?(class_name) ? options.merge("max_retries_after_interruption" => 20) : options
      elsif class_name.start_with?("Gitlab::GithubImport::")
        { "retry" => 5, "dead" => false, "queue_namespace" => "github_importer" }
      else
        {}
      end
    end

    def idempotent?(class_name) = IDEMPOTENT.include?(class_name)
    def until_executed?(class_name) = UNTIL_EXECUTED.include?(class_name)
    def feature_category(class_name) = class_name.match?(/Import/) ? "importers" : "not_owned"
  end
end
