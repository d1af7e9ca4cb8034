# frozen_string_literal: true

require_relative "importers"
require_relative "pull_request_people"

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
          def issuable_type = object["issue"]["pull_request"] ? "MergeRequest" : "Issue"
          def issuable_id = @issuable_id ||= Finder.issuables(project, issuable_type).id_for("#{issuable_type}/#{object["issue"]["number"]}")
          def refer(model, record, column) = users.push_placeholder_reference(actor, model, record.id, column)

          def create_system_note(action, text, updated_at: time("created_at"))
            common = { created_at: time("created_at"), updated_at: updated_at, importing: true }
            note = Note.create!(noteable_type: issuable_type, noteable_id: issuable_id, project_id: project.id, author_id: author_id, note: text,
                                system: true, imported_from: GITHUB, **common)
            SystemNoteMetadata.create!(note: note, action: action, importing: true, created_at: updated_at, updated_at: updated_at)
            refer("Note", note, "author_id")
          end

          def create_resource_event(model, **attributes)
            parent = issuable_type == "Issue" ? :issue_id : :merge_request_id
            event = model.create!(user_id: author_id, parent => issuable_id, created_at: time("created_at"), imported_from: GITHUB,
                                  importing: true, **attributes)
            refer(model.name, event, "user_id")
          end
        end

        class ChangedState < BaseImporter
          PRUNED_AFTER = 3.years + 1.day

          def execute
            create_event unless time("created_at") < PRUNED_AFTER.ago
            create_resource_event(ResourceStateEvent, state: ResourceStateEvent::STATES.fetch(object["event"]),
                                                      source_commit: (object["commit_id"] unless object["event"] == "reopened"))
          end

          private

          def create_event
            event = Event.create!(project_id: project.id, author_id: author_id, action: Event::ACTIONS.fetch(object["event"]), target_type: issuable_type,
                                  target_id: issuable_id, created_at: time("created_at"), updated_at: time("created_at"), imported_from: GITHUB,
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
            type, text = pull_request ? ["MergeRequest", "merge request !"] : ["Issue", "issue #"]
            return unless Finder.issuables(project, type).id_for("#{type}/#{number}")

            create_system_note("cross_reference", "mentioned in #{text}#{number}", updated_at: Time.now)
          end
        end

        class Commented < BaseImporter
          def execute
            raise "Error to find noteable_id for note" unless issuable_id

            note = { "noteable_type" => issuable_type, "author" => actor, "note" => object["body"] }.merge(object.slice("created_at", "updated_at"))
            NoteImporter.new(note, project, issuable_id).execute
          end
        end

        class Merged < ChangedState
          def execute
            pull_request = { "iid" => object["issue"]["number"], "merged_by" => actor, "merged_at" => object["created_at"] }
            PullRequests::MergedByImporter.new(pull_request, project).execute
            super
          end
        end

        # Who is asked in the end is told by the replay.
        class ChangedReviewer < BaseImporter
          def execute
            verb = object["event"] == "review_requested" ? "requested review from" : "removed review request for"
            create_system_note("reviewer", "#{verb} `@#{object.dig("requested_reviewer", "login") || "ghost"}`")
          end

          private

          def actor = object["review_requester"]
        end

        class Reviewed < BaseImporter
          def execute
            review = { "merge_request_iid" => object["issue"]["number"], "author" => actor, "note" => object["body"].to_s,
                       "review_type" => object["state"].upcase, "submitted_at" => object["submitted_at"] }
            PullRequests::ReviewImporter.new(review, project).execute(add_reviewer: false)
          end
        end

        IMPORTERS = { "closed" => ChangedState, "reopened" => ChangedState, "labeled" => ChangedLabel, "unlabeled" => ChangedLabel,
                      "milestoned" => ChangedMilestone, "demilestoned" => ChangedMilestone, "renamed" => Renamed,
                      "assigned" => ChangedAssignee, "unassigned" => ChangedAssignee, "cross-referenced" => CrossReferenced,
                      "commented" => Commented, "merged" => Merged, "review_requested" => ChangedReviewer,
                      "review_request_removed" => ChangedReviewer, "reviewed" => Reviewed }.freeze
      end
    end
  end
end
