# frozen_string_literal: true

require "securerandom"

module GitlabSidekiq
  # Gitlab::ApplicationContext: the correlation id and the meta.* fields that children take from their parent.
  module Context
    module_function

    def current = Thread.current[:gitlab_context] || {}

    # Runs the block with these fields, given without "meta.": Context.with("user" => "root") { ... }
    def with(fields, correlation_id: SecureRandom.alphanumeric(26).upcase, &block)
      within(fields.transform_keys { |name| "meta.#{name}" }.merge("correlation_id" => correlation_id), &block)
    end

    # Runs the block in the context that a job brings, with the job's class as the caller.
    def of(job, &block)
      within(job.select { |name, _| inherited?(name) }.merge("meta.caller_id" => job["class"]), &block)
    end

    def inherited?(name) = name.start_with?("meta.") || name == "correlation_id"

    def within(context)
      before = Thread.current[:gitlab_context]
      Thread.current[:gitlab_context] = context
      yield
    ensure
      Thread.current[:gitlab_context] = before
    end

    # A field that the job has already stays: the push of a retry must not change its context.
    def add_to(job, feature_category)
      caller_id = current["meta.caller_id"]
      fields = { "correlation_id" => SecureRandom.alphanumeric(26).upcase, "meta.root_caller_id" => caller_id }.compact
      fields.merge(current, "meta.feature_category" => feature_category).each { |name, value| job[name] ||= value }
    end
  end
end
