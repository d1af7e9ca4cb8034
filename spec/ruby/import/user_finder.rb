# frozen_string_literal: true

require "json"
require_relative "caching"
require_relative "models"

module Gitlab
  module GithubImport
    # lib/gitlab/github_import/user_finder.rb and lib/gitlab/import/source_user_mapper.rb, newest generation, for people who are
    # known: who is missing is an error here, GitLab would ask GitHub. Lives as long as a job.
    class UserFinder
      def initialize(project)
        @project = project
        @source_users = {}
      end

      def author_id_for(user) = user_id_for(user) || @project.creator_id

      def user_id_for(user, ghost: true)
        return (ghost_user_id if ghost) if user.nil? || user["login"].nil? || user["login"] == "ghost"
        return @project.root_ancestor.owner_id if @project.root_ancestor.user_namespace?

        (source_user(user["id"]) || raise("#{user["login"]} is not known")).mapped_user_id
      end

      # Import::PlaceholderReferences: what a later reassignment has to find. `key` is an id, or a hash for a composite key.
      def push_placeholder_reference(user, model, key, column)
        return if user.nil? || @project.root_ancestor.user_namespace?

        source = source_user(user["id"])
        return if source.nil? || source.accepted?

        composite, numeric = key.is_a?(Hash) ? [key, nil] : [nil, key]
        reference = JSON.generate([composite, model, source.namespace_id, numeric, source.id, column, 1])
        Cache::Import::Caching.set_add("placeholder-references:github:#{@project.import_state.id}", reference)
      end

      private

      def source_user(github_id)
        @source_users[github_id] ||= ::Import::SourceUser.uncached do
          ::Import::SourceUser.find_by(namespace_id: @project.root_ancestor.id, import_type: "github", source_hostname: @project.github_url,
                                        source_user_identifier: github_id.to_s)
        end
      end

      def ghost_user_id
        key = "github-import/ghost-user-id/#{@project.organization_id}"
        Cache::Import::Caching.read_integer(key) ||
          Cache::Import::Caching.write(key, User.where(user_type: User::GHOST, organization_id: @project.organization_id).pick(:id))
      end
    end
  end
end
