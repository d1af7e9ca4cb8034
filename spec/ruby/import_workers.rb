# frozen_string_literal: true

# What `sidekiq -r` loads where Ruby imports objects, as a benchmark's peer or beside hubferry: the importer's workers with
# ActiveRecord, beside what every Ruby process of the specs has.
#
# Each job makes the queries that GitLab's makes: project, import state, import data, source users, associations that are
# validated; and has the same effects in PostgreSQL and Redis. It is lighter than GitLab where that needs much of Rails:
# it renders no Markdown, decrypts no token, logs nothing about single jobs, asks no feature flags.

require_relative "boot"
require_relative "import/event_importers"
require_relative "import/importers"

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
      rescue ActiveRecord::RecordInvalid => error
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

      private

      def importer_class = Importer::IssueEventImporter
      def object_type(event) = event["event"] == "commented" ? "note" : "issue_event"

      def identifiers(event)
        { "id" => event["id"], "issuable_iid" => event.dig("issue", "number"), "event" => event["event"], "object_type" => object_type(event) }
      end
    end
  end
end

ApplicationRecord.connect
# Rails loads the schema at boot; a thread that does so in its first job would be measured.
[Namespace, User, ProjectImportState, ProjectImportData, Project, Route, Label, Milestone, IssueAssignee, Issue, LabelLink, Note,
 SystemNoteMetadata, Event, ResourceStateEvent, ResourceLabelEvent, ResourceMilestoneEvent, Import::SourceUser].each(&:columns_hash)
