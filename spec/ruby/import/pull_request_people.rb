# frozen_string_literal: true

require_relative "importers"
require_relative "merge_request_models"

module Gitlab
  module GithubImport
    module Importer
      module PullRequests
        class Base < Importer::Base
          private

          def merge_request
            @merge_request ||= MergeRequest.find_by!(target_project_id: project.id, iid: object["iid"] || object["merge_request_iid"])
          end

          # nil: somebody else was faster, or the user is there already.
          def insert_once(model, **attributes)
            row = { merge_request_id: merge_request.id, project_id: project.id, **attributes }
            model.insert(row, returning: %w[id]).rows.flatten.first
          end
        end

        # lib/gitlab/github_import/importer/pull_requests/merged_by_importer.rb, with user mapping.
        class MergedByImporter < Base
          def execute
            now = Time.now
            row = { target_project_id: project.id, merge_request_id: merge_request.id, merged_by_id: users.user_id_for(object["merged_by"]),
                    merged_at: time("merged_at"), created_at: now, updated_at: now }
            MergeRequest::Metrics.upsert(row, unique_by: :merge_request_id)
            metrics = MergeRequest::Metrics.find_by!(merge_request_id: merge_request.id)
            users.push_placeholder_reference(object["merged_by"], "MergeRequest::Metrics", metrics.id, "merged_by_id")
          end
        end

        # lib/gitlab/github_import/importer/pull_requests/review_importer.rb, with user mapping.
        class ReviewImporter < Base
          def execute(add_reviewer: true)
            @user_id = users.user_id_for(object["author"])
            add_note unless object["note"].empty?
            add_approval if object["review_type"] == "APPROVED"
            add_reviewer_row if add_reviewer
          end

          private

          def submitted_at = object["submitted_at"].present? ? time("submitted_at") : merge_request.updated_at
          def refer(model, id, column) = users.push_placeholder_reference(object["author"], model, id, column)

          def create_note(text, system:, **attributes)
            note = Note.create!(noteable_type: "MergeRequest", noteable_id: merge_request.id, project_id: project.id, author_id: @user_id,
                                note: text, system: system, created_at: submitted_at, updated_at: submitted_at, importing: true, **attributes)
            refer("Note", note.id, "author_id")
            note
          end

          def add_note
            title = "**Review:** #{object["review_type"].capitalize.tr("_", " ")}"
            create_note(object["note"].blank? ? title : "#{title}\n\n#{object["note"]}", system: false, imported_from: GITHUB)
          end

          def add_approval
            id = insert_once(Approval, user_id: @user_id, created_at: submitted_at, updated_at: submitted_at)
            return unless id

            refer("Approval", id, "user_id")
            note = create_note("approved this merge request", system: true)
            SystemNoteMetadata.create!(note: note, action: "approved", importing: true)
          end

          def add_reviewer_row
            id = insert_once(MergeRequestReviewer, user_id: @user_id, state: MergeRequestReviewer::STATES["reviewed"], created_at: submitted_at,
                                                   updated_at: Time.now)
            refer("MergeRequestReviewer", id, "user_id") if id
          end
        end

        # lib/gitlab/github_import/importer/pull_requests/review_request_importer.rb
        class ReviewRequestImporter < Base
          def execute
            object["users"].each do |user|
              user_id = users.user_id_for(user, ghost: false)
              id = user_id && insert_once(MergeRequestReviewer, user_id: user_id, state: MergeRequestReviewer::STATES["unreviewed"],
                                                             created_at: Time.now, updated_at: Time.now)
              users.push_placeholder_reference(user, "MergeRequestReviewer", id, "user_id") if id
            end
          end
        end
      end
    end
  end
end
