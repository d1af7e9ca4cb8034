# frozen_string_literal: true

require "time"
require_relative "caching"
require_relative "markdown_text"
require_relative "models"
require_relative "user_finder"

module Gitlab
  module GithubImport
    module Importer
      GITHUB = 4

      # What the importers of objects have in common. `object` is the representation from the job's arguments.
      class Base
        def initialize(object, project)
          @object = object
          @project = project
          @users = UserFinder.new(project)
        end

        private

        attr_reader :object, :project, :users

        def time(field) = object[field] && Time.parse(object[field])
      end

      # lib/gitlab/github_import/importer/issue_importer.rb
      class IssueImporter < Base
        STATES = { "opened" => 1, "closed" => 2 }.freeze
        LONGEST_DESCRIPTION = 1024 * 1024

        def execute
          assignees = assignees_by_user_id
          issue = create(assignees.keys)
          Finder.issues(project).cache("Issue/#{issue.iid}", issue.id)
          users.push_placeholder_reference(object["author"], "Issue", issue.id, "author_id")
          assignees.each do |user_id, assignee|
            users.push_placeholder_reference(assignee, "IssueAssignee", { "user_id" => user_id, "issue_id" => issue.id }, "user_id")
          end
        end

        private

        def create(assignee_ids)
          issue = Issue.new(attributes)
          issue.importing = true
          issue.assignee_ids = assignee_ids
          issue.save!
          issue
        end

        def attributes
          { iid: object["iid"], title: object["title"].truncate(255), author_id: users.author_id_for(object["author"]), project_id: project.id,
            namespace_id: project.project_namespace_id, description: description, milestone_id: milestone_id,
            state_id: STATES.fetch(object["state"]), created_at: time("created_at"), updated_at: time("updated_at"),
            work_item_type_id: object["work_item_type_id"], imported_from: GITHUB }
        end

        def description = MarkdownText.format(object["description"], project)&.slice(0, LONGEST_DESCRIPTION)
        def milestone_id = object["milestone_number"]&.then { |number| Finder.milestones(project).id_for(number) }

        def assignees_by_user_id
          object["assignees"].to_h { |assignee| [users.user_id_for(assignee, ghost: false), assignee] }.except(nil)
        end
      end

      # lib/gitlab/github_import/importer/label_links_importer.rb
      class LabelLinksImporter < Base
        def execute
          issue_id = Finder.issues(project).id_for("Issue/#{object["iid"]}")
          return unless issue_id

          now = Time.now
          labels = Finder.labels(project)
          links = object["label_names"].filter_map { |name| labels.id_for(name) }.map do |label_id|
            LabelLink.new(label_id: label_id, target_id: issue_id, target_type: "Issue", created_at: now, updated_at: now,
                          namespace_id: project.project_namespace_id)
          end
          LabelLink.bulk_insert!(links)
        end
      end

      # lib/gitlab/github_import/importer/issue_and_label_links_importer.rb
      class IssueAndLabelLinksImporter < Base
        def execute
          IssueImporter.new(object, project).execute
          LabelLinksImporter.new(object, project).execute
        end
      end

      # lib/gitlab/github_import/importer/note_importer.rb: validated as a model, inserted without callbacks.
      class NoteImporter < Base
        def initialize(object, project, noteable_id)
          super(object, project)
          @noteable_id = noteable_id
        end

        def execute
          note = Note.new(attributes)
          note.importing = true
          note.validate!
          id = Note.insert(note.attributes.compact, returning: %w[id]).rows.first.first
          users.push_placeholder_reference(object["author"], "Note", id, "author_id")
        end

        private

        def attributes
          { noteable_type: object["noteable_type"], noteable_id: @noteable_id, project_id: project.id,
            author_id: users.author_id_for(object["author"]), note: MarkdownText.format(object["note"], project),
            discussion_id: Note.discussion_id(object["noteable_type"], @noteable_id), system: false, created_at: time("created_at"),
            updated_at: time("updated_at"), imported_from: GITHUB }
        end
      end
    end
  end
end
