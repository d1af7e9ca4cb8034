# frozen_string_literal: true

require_relative "importers"
require_relative "merge_request_diff"

module Gitlab
  module GithubImport
    module Importer
      # lib/gitlab/github_import/importer/pull_request_importer.rb, lib/gitlab/import/merge_request_helpers.rb
      class PullRequestImporter < Base
        def execute
          merge_request = find_or_create
          Finder.merge_requests(project).cache("MergeRequest/#{object["iid"]}", merge_request.id)
          assignee_row = assign(merge_request)
          MergeRequestDiffs.new(project, merge_request).create(*object.values_at("target_branch_sha", "source_branch_sha"))
          Repository.new(project).create_branch(source_branch, object["source_branch_sha"]) if merge_request.open?
          users.push_placeholder_reference(object["author"], "MergeRequest", merge_request.id, "author_id")
          users.push_placeholder_reference(object["assignee"], "MergeRequestAssignee", assignee_row, "user_id") if assignee_row
        end

        private

        # Validated as a model, inserted without callbacks. One that is there keeps its columns.
        def find_or_create
          merge_request = MergeRequest.new(attributes)
          merge_request.importing = true
          merge_request.validate!
          MergeRequest.insert(attributes)
          MergeRequest.find_by!(target_project_id: project.id, iid: object["iid"])
        end

        def attributes
          { iid: object["iid"], title: object["title"].truncate(255), description: MarkdownText.format(object["description"], project),
            source_project_id: project.id, target_project_id: project.id, source_branch: source_branch, target_branch: object["target_branch"],
            state_id: MergeRequest::STATES.fetch(object["merged_at"] ? "merged" : object["state"]), milestone_id: milestone_id,
            author_id: users.author_id_for(object["author"]), created_at: time("created_at"), updated_at: time("updated_at"),
            imported_from: GITHUB }
        end

        def milestone_id = object["milestone_number"]&.then { |number| Finder.milestones(project).id_for(number) }

        # Representation::PullRequest#formatted_source_branch
        def source_branch
          branch, owner = object.values_at("source_branch", "source_repository_owner")
          if cross_project? && owner.present?
            "github/fork/#{owner}/#{branch}"
          else
            branch == object["target_branch"] ? "#{branch}-#{object["iid"]}" : branch
          end
        end

        def cross_project?
          source, target = object.values_at("source_repository_id", "target_repository_id")
          source.nil? || source != target
        end

        # The id of the assignee's row.
        def assign(merge_request)
          user_id = users.user_id_for(object["assignee"], ghost: false)
          return unless user_id

          MergeRequestAssignee.create!(merge_request_id: merge_request.id, user_id: user_id, project_id: project.id).id
        end
      end
    end
  end
end
