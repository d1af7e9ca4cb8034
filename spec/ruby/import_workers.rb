# frozen_string_literal: true

# What `sidekiq -r` loads where Ruby imports objects, as a benchmark's peer or beside hubferry: the importer's workers with
# ActiveRecord, beside what every Ruby process of the specs has.
#
# Each job makes the queries that GitLab's makes: project, import state, import data, source users, associations that are
# validated; and has the same effects in PostgreSQL and Redis. It is lighter than GitLab where that needs much of Rails:
# it renders no Markdown, decrypts no token, logs nothing about single jobs, asks no feature flags.

require_relative "boot"
require_relative "import/attachments_importers"
require_relative "import/diff_note_importer"
require_relative "import/event_importers"
require_relative "import/importers"
require_relative "import/protected_branch_importer"
require_relative "import/pull_request_importer"

module Gitlab
  module GithubImport
    # app/workers/concerns/gitlab/github_import/{object_importer,rescheduling_methods}.rb. Rails wraps each job in a query cache.
    module ObjectImporter
      WAITER_TTL = 604_800

      def perform(project_id, object, waiter_key)
        ActiveRecord::Base.cache { import(Project.find(project_id), object) }
        notify(waiter_key)
      end

      private

      def import(project, object)
        return if project.import_state.completed?
        raise "the import has no data" unless project.import_data

        importer_class.new(object, project).execute
        ObjectCounter.increment(project, object_type(object))
      # A representation of another shape is nothing that another attempt would import.
      rescue ActiveRecord::RecordInvalid, NoMethodError => error
        record(project, error, identifiers(object))
      end

      # Gitlab::Import::ImportFailureService, for what is not tried again.
      def record(project, error, identifiers)
        ImportFailure.create!(project_id: project.id, source: importer_class.name, exception_class: error.class.name,
                              exception_message: error.message.truncate(255), external_identifiers: identifiers,
                              correlation_id_value: GitlabSidekiq::Context.current["correlation_id"] || SecureRandom.hex)
      end

      # Gitlab::JobWaiter.notify
      def notify(key)
        Sidekiq.redis do |redis|
          redis.multi do |multi|
            multi.lpush(key, jid)
            multi.expire(key, WAITER_TTL)
          end
        end
      end
    end

    class ImportIssueWorker
      include Sidekiq::Worker
      include ObjectImporter
      sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

      private

      def importer_class = Importer::IssueAndLabelLinksImporter
      def object_type(_) = "issue"
      def identifiers(issue) = { "iid" => issue["iid"], "title" => issue["title"], "issuable_type" => "Issue", "object_type" => "issue" }
    end

    class ImportIssueEventWorker
      include Sidekiq::Worker
      include ObjectImporter
      sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

      OBJECT_TYPES = { "commented" => "note", "merged" => "pull_request_merged_by", "reviewed" => "pull_request_review" }.freeze

      private

      def importer_class = Importer::IssueEventImporter
      def object_type(event) = OBJECT_TYPES.fetch(event["event"], "issue_event")

      def identifiers(event)
        { "id" => event["id"], "issuable_iid" => event.dig("issue", "number"), "event" => event["event"], "object_type" => object_type(event) }
      end
    end

    class ImportPullRequestWorker
      include Sidekiq::Worker
      include ObjectImporter
      sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

      private

      def importer_class = Importer::PullRequestImporter
      def object_type(_) = "pull_request"
      def identifiers(pull) = { "iid" => pull["iid"], "issuable_type" => "MergeRequest", "object_type" => "pull_request" }
    end

    class ImportDiffNoteWorker
      include Sidekiq::Worker
      include ObjectImporter
      sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

      private

      def importer_class = Importer::DiffNoteImporter
      def object_type(_) = "diff_note"

      def identifiers(note)
        { "note_id" => note["note_id"], "noteable_iid" => note["noteable_id"], "noteable_type" => "MergeRequest", "object_type" => "diff_note" }
      end
    end

    class ImportProtectedBranchWorker
      include Sidekiq::Worker
      include ObjectImporter
      sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

      private

      def importer_class = Importer::ProtectedBranchImporter
      def object_type(_) = "protected_branch"
      def identifiers(branch) = { "id" => branch["id"], "object_type" => "protected_branch" }
    end

    module Attachments
      class ImportWorker
        include Sidekiq::Worker
        include ObjectImporter
        sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

        private

        def importer_class = Importer::NoteAttachmentsImporter
        def object_type(text) = "#{text["record_type"].underscore}_attachment"

        def identifiers(text)
          { "db_id" => text["record_db_id"], "tag" => text["tag"], "noteable_iid" => text["iid"], "object_type" => object_type(text) }.compact
        end
      end

      ImportReleaseWorker = Class.new(ImportWorker)
      ImportNoteWorker = Class.new(ImportWorker)
      ImportIssueWorker = Class.new(ImportWorker)
      ImportMergeRequestWorker = Class.new(ImportWorker)
    end

    module Stage
      class ImportAttachmentsWorker
        include Sidekiq::Worker
        sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

        def perform(project_id)
          project = Project.find(project_id)
          waiters = Importer::AttachmentsImporter::RECORDS.keys.to_h { |type| Importer::AttachmentsImporter.new(project, type).execute }
          GitlabSidekiq.push("Gitlab::GithubImport::AdvanceStageWorker", [project_id, waiters, "protected_branches"])
        end
      end
    end

    # The workers of GitLab before merge requests' timelines told the same.
    module PullRequests
      class ImportMergedByWorker
        include Sidekiq::Worker
        include ObjectImporter
        sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

        private

        def importer_class = Importer::PullRequests::MergedByImporter
        def object_type(_) = "pull_request_merged_by"
        def identifiers(pull) = { "iid" => pull["iid"], "issuable_type" => "MergeRequest", "object_type" => "pull_request_merged_by" }
      end

      class ImportReviewWorker
        include Sidekiq::Worker
        include ObjectImporter
        sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

        private

        def importer_class = Importer::PullRequests::ReviewImporter
        def object_type(_) = "pull_request_review"
        def identifiers(review) = review.slice("merge_request_iid", "review_id").merge("object_type" => "pull_request_review")
      end

      class ImportReviewRequestWorker
        include Sidekiq::Worker
        include ObjectImporter
        sidekiq_options(**GitlabSidekiq::WorkerOptions.of(name).transform_keys(&:to_sym))

        private

        def importer_class = Importer::PullRequests::ReviewRequestImporter
        def object_type(_) = "pull_request_review_request"

        def identifiers(request)
          { "merge_request_iid" => request["merge_request_iid"], "requested_reviewers" => request["users"].map { |user| user["login"] },
            "object_type" => "pull_request_review_request" }
        end
      end
    end
  end
end

ApplicationRecord.connect
# Rails loads the schema at boot; a thread that does so in its first job would be measured.
[Namespace, User, ProjectImportState, ProjectImportData, Project, Route, Label, Milestone, IssueAssignee, Issue, LabelLink, Note,
 SystemNoteMetadata, Event, ResourceStateEvent, ResourceLabelEvent, ResourceMilestoneEvent, Import::SourceUser, MergeRequest, MergeRequest::Metrics,
 MergeRequest::DiffCommitUser, MergeRequest::CommitsMetadata, MergeRequestAssignee, MergeRequestReviewer, MergeRequestDiff,
 MergeRequestDiffCommit, MergeRequestDiffFile, Approval, NoteDiffFile, Suggestion, ProtectedBranch,
 ProtectedBranch::PushAccessLevel, ProtectedBranch::MergeAccessLevel,
 Release, Upload].each(&:columns_hash)
