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

          def create_system_note(action, text, updated_at: time("created_at"))
            common = { created_at: time("created_at"), updated_at: updated_at, importing: true }
            note = Note.create!(noteable_type: "Issue", noteable_id: issue_id, project_id: project.id, author_id: author_id, note: text,
                                system: true, imported_from: GITHUB, **common)
            SystemNoteMetadata.create!(note: note, action: action, importing: true, created_at: updated_at, updated_at: updated_at)
            refer("Note", note, "author_id")
          end

          def create_resource_event(model, **attributes)
            event = model.create!(user_id: author_id, issue_id: issue_id, created_at: time("created_at"), imported_from: GITHUB,
                                  importing: true, **attributes)
            refer(model.name, event, "user_id")
          end
        end

        class ChangedState < BaseImporter
          PRUNED_AFTER = 3.years + 1.day

          def execute
            create_event unless time("created_at") < PRUNED_AFTER.ago
            create_resource_event(ResourceStateEvent, state: ResourceStateEvent::STATES.fetch(object["event"]),
                                                      source_commit: (object["commit_id"] if object["event"] == "closed"))
          end

          private

          def create_event
            event = Event.create!(project_id: project.id, author_id: author_id, action: Event::ACTIONS.fetch(object["event"]), target_type: "Issue",
                                  target_id: issue_id, created_at: time("created_at"), updated_at: time("created_at"), imported_from: GITHUB,
                                  importing: true)
            refer("Event", event, "author_id")
          end
        end

        class ChangedLabel < BaseImporter
          def execute
            create_resource_event(ResourceLabelEvent, label_id: Finder.labels(project).id_for(object["label_title"]),
                                                      action: ResourceLabelEvent::ACTIONS.fetch(object["event"]))
          end
        end

        class ChangedMilestone < BaseImporter
          def execute
            milestone = Milestone.find_by(project_id: project.id, title: object["milestone_title"])
            return unless milestone

            create_resource_event(ResourceMilestoneEvent, milestone_id: milestone.id, state: ResourceMilestoneEvent::STATE_OPENED,
                                                          action: ResourceMilestoneEvent::ACTIONS.fetch(object["event"]))
          end
        end

        class ChangedAssignee < BaseImporter
          def execute
            verb = object["event"] == "unassigned" ? "unassigned" : "assigned to"
            create_system_note("assignee", "#{verb} `@#{object.dig("assignee", "login") || "ghost"}`")
          end
        end

        # Marks one change, from the first character that differs to the last; GitLab's diff may find several.
        class Renamed < BaseImporter
          def execute
            old, new = object.values_at("old_title", "new_title")
            head = common(old, new)
            tail = common(old[head..].reverse, new[head..].reverse)
            create_system_note("title", "changed title from **#{marked(old, head, tail, "-")}** to **#{marked(new, head, tail, "+")}**")
          end

          private

          def common(one, other) = one.each_char.zip(other.each_char).take_while { |a, b| a == b }.size

          def marked(title, head, tail, sign)
            changed = title[head, title.length - head - tail]
            changed.empty? ? title : "#{title[0, head]}{#{sign}#{changed}#{sign}}#{title[title.length - tail, tail]}"
          end
        end

        class CrossReferenced < BaseImporter
          def execute
            number, pull_request = object.dig("source", "issue").values_at("number", "pull_request")
            return if pull_request || !Finder.issues(project).id_for("Issue/#{number}")

            create_system_note("cross_reference", "mentioned in issue ##{number}", updated_at: Time.now)
          end
        end

        class Commented < BaseImporter
          def execute
            raise "Error to find noteable_id for note" unless issue_id

            note = { "noteable_type" => "Issue", "author" => actor, "note" => object["body"] }.merge(object.slice("created_at", "updated_at"))
            NoteImporter.new(note, project, issue_id).execute
          end
        end

        IMPORTERS = { "closed" => ChangedState, "reopened" => ChangedState, "labeled" => ChangedLabel, "unlabeled" => ChangedLabel,
                      "milestoned" => ChangedMilestone, "demilestoned" => ChangedMilestone, "renamed" => Renamed,
                      "assigned" => ChangedAssignee, "unassigned" => ChangedAssignee, "cross-referenced" => CrossReferenced,
                      "commented" => Commented }.freeze
      end
    end
  end
end
