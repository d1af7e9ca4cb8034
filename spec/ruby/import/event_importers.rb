# frozen_string_literal: true

require_relative "importers"

module Gitlab
  module GithubImport
    module Importer
      # lib/gitlab/github_import/importer/issue_event_importer.rb: the importer of each kind of event.
      class IssueEventImporter < Base
        def execute = Events::IMPORTERS.fetch(object["event"]).new(object, project).execute
      end

      # lib/gitlab/github_import/importer/events/
      module Events
        class BaseImporter < Base
          private

          def actor = object["actor"]
          def author_id = @author_id ||= users.author_id_for(actor)
          def issue_id = @issue_id ||= Finder.issues(project).id_for("Issue/#{object["issue"]["number"]}")
          def refer(model, record, column) = users.push_placeholder_reference(actor, model, record.id, column)

          def create_system_note(action, text)
            common = { created_at: time("created_at"), updated_at: time("created_at"), importing: true }
            note = Note.create!(noteable_type: "Issue", noteable_id: issue_id, project_id: project.id, author_id: author_id, note: text,
                                system: true, imported_from: GITHUB, **common)
            SystemNoteMetadata.create!(note: note, action: action, **common)
            refer("Note", note, "author_id")
          end
        end

        class Closed < BaseImporter
          def execute
            event = Event.create!(project_id: project.id, author_id: author_id, action: Event::CLOSED, target_type: "Issue", target_id: issue_id,
                                  created_at: time("created_at"), updated_at: time("created_at"), imported_from: GITHUB, importing: true)
            refer("Event", event, "author_id")
            state = ResourceStateEvent.create!(user_id: author_id, issue_id: issue_id, state: ResourceStateEvent::STATES.fetch(object["event"]),
                                               source_commit: object["commit_id"], created_at: time("created_at"), imported_from: GITHUB,
                                               importing: true)
            refer("ResourceStateEvent", state, "user_id")
          end
        end

        class ChangedLabel < BaseImporter
          def execute
            event = ResourceLabelEvent.create!(user_id: author_id, issue_id: issue_id, label_id: Finder.labels(project).id_for(object["label_title"]),
                                               action: ResourceLabelEvent::ACTIONS.fetch(object["event"]), created_at: time("created_at"),
                                               imported_from: GITHUB, importing: true)
            refer("ResourceLabelEvent", event, "user_id")
          end
        end

        class ChangedAssignee < BaseImporter
          def execute
            verb = object["event"] == "unassigned" ? "unassigned" : "assigned to"
            create_system_note("assignee", "#{verb} `@#{object.dig("assignee", "login") || "ghost"}`")
          end
        end

        # The titles of the benchmark grow at their end, which GitLab's diff finds without a search.
        class Renamed < BaseImporter
          def execute
            old, new = object.values_at("old_title", "new_title")
            raise "#{new} does not begin with #{old}" unless new.start_with?(old)

            create_system_note("title", "changed title from **#{old}** to **#{old}{+#{new.delete_prefix(old)}+}**")
          end
        end

        class Commented < BaseImporter
          def execute
            raise "Error to find noteable_id for note" unless issue_id

            note = { "noteable_type" => "Issue", "author" => actor, "note" => object["body"] }.merge(object.slice("created_at", "updated_at"))
            NoteImporter.new(note, project, issue_id).execute
          end
        end

        IMPORTERS = { "closed" => Closed, "labeled" => ChangedLabel, "unlabeled" => ChangedLabel, "assigned" => ChangedAssignee,
                      "unassigned" => ChangedAssignee, "renamed" => Renamed, "commented" => Commented }.freeze
      end
    end
  end
end
