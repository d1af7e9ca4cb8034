# frozen_string_literal: true

require "json"

module GitlabSidekiq
  # Gitlab::SidekiqConfig::WorkerRouter: which queue a class goes to. Rules are [query, queue] pairs, the first match wins;
  # a null queue is the generated name. Terms of a query: name=value,value and name!=value; "&" binds tighter than "|".
  # The rules come from the environment variable ROUTING_RULES (JSON), as gitlab.yml's sidekiq.routing_rules would have them.
  module Router
    # The importer's chain goes to hubferry, all else to Ruby.
    DEFAULT_RULES = [
      ["queue_namespace=github_importer|worker_name=RepositoryImportWorker,Gitlab::GithubImport::AdvanceStageWorker," \
       "Gitlab::Import::RefreshImportJidWorker,Import::LoadPlaceholderReferencesWorker", "github_importer"],
      ["*", "default"]
    ].freeze

    module_function

    def rules = ENV.key?("ROUTING_RULES") ? JSON.parse(ENV["ROUTING_RULES"]) : DEFAULT_RULES

    def queue_of(class_name, options)
      attributes = { "worker_name" => class_name, "queue_namespace" => options["queue_namespace"],
                     "name" => generated_name(class_name, options["queue_namespace"]),
                     "feature_category" => WorkerOptions.feature_category(class_name) }
      _, queue = rules.find { |query, _| match?(query, attributes) }
      queue.to_s.empty? ? attributes["name"] : queue
    end

    def generated_name(class_name, namespace)
      name = class_name.delete_prefix("Gitlab::").delete_suffix("Worker")
      name = name.gsub("::", "/").gsub(/([a-z\d])([A-Z])/, '\1_\2').downcase.tr("/", "_")
      namespace ? "#{namespace}:#{name}" : name
    end

    def match?(query, attributes)
      return true if query == "*"

      query.split("|").any? { |alternative| alternative.split("&").all? { |term| term?(term, attributes) } }
    end

    def term?(term, attributes)
      name, negation, values = term.match(/\A(\w+)(!?)=(.*)\z/).captures
      values.split(",").include?(attributes.fetch(name).to_s) ^ !negation.empty?
    end
  end
end
