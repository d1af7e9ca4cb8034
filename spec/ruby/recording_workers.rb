# frozen_string_literal: true

require "sidekiq"

# The classes that an import pushes for Ruby to perform, and one that only Ruby knows. They do nothing but write down
# their arguments, as JSON, on the list spec:performed:CLASS.
module Recording
  CLASSES = %w[
    AuthorizedProjectUpdate::ProjectRecalculatePerUserWorker
    AuthorizedProjectUpdate::ProjectRecalculateWorker
    AuthorizedProjectUpdate::UserRefreshFromReplicaWorker
    DetectRepositoryLanguagesWorker
    ProjectCacheWorker
    Projects::AfterImportWorker
    Projects::ImportExport::ImportCompletionNotificationWorker
    Projects::RecordTargetPlatformsWorker
    Spec::OnlyRubyWorker
  ].freeze

  def self.list(class_name) = "spec:performed:#{class_name}"

  def perform(*args) = Sidekiq.redis { |redis| redis.rpush(Recording.list(self.class.name), Sidekiq.dump_json(args)) }

  def self.define(class_name)
    *modules, name = class_name.split("::")
    parent = modules.inject(Object) do |scope, part|
      scope.const_defined?(part, false) ? scope.const_get(part) : scope.const_set(part, Module.new)
    end
    parent.const_set(name, Class.new { include Sidekiq::Worker, Recording })
  end

  CLASSES.each { |class_name| define(class_name) }
end
