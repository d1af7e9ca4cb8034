# frozen_string_literal: true

require_relative "importers"
require_relative "merge_request_diff"
require_relative "protected_branch_models"

module Gitlab
  module GithubImport
    # lib/gitlab/access/default_branch_protection.rb, Namespace#default_branch_protection_settings
    class DefaultBranchProtection
      DEVELOPER = 30

      def self.of(namespace)
        own = NamespaceSetting.find_by(namespace_id: namespace.id)&.default_branch_protection_defaults unless namespace.user_namespace?
        new(own.presence || ApplicationSetting.current.default_branch_protection_defaults)
      end

      def initialize(settings)
        @settings = settings
      end

      def any? = !@settings["allow_force_push"] || (levels("push") + levels("merge")).any? { |level| level != DEVELOPER }
      def developer_can?(action) = levels(action).include?(DEVELOPER)

      private

      def levels(action) = (@settings["allowed_to_#{action}"] || []).map { |entry| entry["access_level"] }
    end

    module Importer
      # lib/gitlab/github_import/importer/protected_branch_importer.rb without what is licensed,
      # app/services/protected_branches/create_service.rb
      class ProtectedBranchImporter < Base
        NO_ACCESS, DEVELOPER, MAINTAINER = 0, 30, 40

        def execute
          rule = ProtectedBranch.new(project: project, name: name, importing: true, allow_force_push: force?,
                                     push_access_levels_attributes: [{ access_level: push_level }],
                                     merge_access_levels_attributes: [{ access_level: merge_level }])
          rule.save
          Sidekiq.redis { |redis| redis.unlink("cache:gitlab:protected_branch:project:#{project.id}") }
          project.update(only_allow_merge_if_all_discussions_are_resolved: true) if default? && object["required_conversation_resolution"]
          rule.validate!
        end

        private

        def name = object["id"]
        def default? = name == Repository.new(project).default_branch
        def matching = @matching ||= ProtectedBranch.all_of(project).select { |rule| rule.matches?(name) }
        def default_protection = @default_protection ||= DefaultBranchProtection.of(project.namespace)

        def force?
          return false unless object["allow_force_pushes"]
          return matching.any?(&:allow_force_push) if matching.any?

          !default? || !default_protection.any?
        end

        def push_level = object["required_pull_request_reviews"] ? NO_ACCESS : gitlab_level("push")

        def merge_level
          level = gitlab_level("merge")
          level == NO_ACCESS ? level : [level, DEVELOPER].max
        end

        def gitlab_level(action)
          return default_protection.any? && default_protection.developer_can?(action) ? DEVELOPER : MAINTAINER if default?

          matching.flat_map(&:"#{action}_access_levels").find(&:role?)&.access_level || MAINTAINER
        end
      end
    end
  end
end
