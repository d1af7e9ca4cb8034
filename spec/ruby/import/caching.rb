# frozen_string_literal: true

require "sidekiq"

module Gitlab
  module Cache
    module Import
      # lib/gitlab/cache/import/caching.rb
      module Caching
        TIMEOUT = 86_400

        module_function

        def key(raw) = "cache:gitlab:#{raw}"

        def read(raw)
          Sidekiq.redis do |redis|
            value = redis.get(key(raw))
            redis.expire(key(raw), TIMEOUT) if value.present?
            value
          end
        end

        def read_integer(raw) = read(raw).presence&.then { |value| Integer(value) }

        def write(raw, value, timeout: TIMEOUT)
          Sidekiq.redis { |redis| redis.set(key(raw), value, ex: timeout) }
          value
        end

        def set_add(raw, value, timeout: TIMEOUT)
          Sidekiq.redis do |redis|
            redis.multi do |multi|
              multi.sadd(key(raw), value)
              multi.expire(key(raw), timeout)
            end
          end
        end

        def increment(raw, timeout: TIMEOUT)
          Sidekiq.redis do |redis|
            redis.incrby(key(raw), 1)
            redis.expire(key(raw), timeout)
          end
        end
      end
    end
  end

  module GithubImport
    # lib/gitlab/github_import/{label,milestone,issuable}_finder.rb: an id behind a cache key, -1 for "known to be missing".
    class Finder
      MISSING = -1

      def initialize(prefix, project, &query)
        @prefix = "github-import/#{prefix}/#{project.id}"
        @query = query
      end

      def self.labels(project) = new("label-finder", project) { |title| Label.where(project_id: project.id, title: title).pick(:id) }

      def self.milestones(project)
        new("milestone-finder", project) { |iid| Milestone.where(project_id: project.id, iid: iid).pick(:id) }
      end

      def self.issues(project) = new("issuable-finder", project) { |name| Issue.where(project_id: project.id, iid: name[/\d+/]).pick(:id) }

      def self.merge_requests(project)
        new("issuable-finder", project) { |name| MergeRequest.where(target_project_id: project.id, iid: name[/\d+/]).pick(:id) }
      end

      def self.issuables(project, type) = type == "Issue" ? issues(project) : merge_requests(project)

      def id_for(name)
        found = Cache::Import::Caching.read_integer(key(name)) || cache(name, @query.call(name) || MISSING)
        found unless found == MISSING
      end

      def cache(name, id) = Cache::Import::Caching.write(key(name), id)

      private

      def key(name) = "#{@prefix}/#{name}"
    end

    # lib/gitlab/github_import/object_counter.rb
    module ObjectCounter
      TIMEOUT = 1_209_600

      module_function

      def increment(project, object_type, operation = "imported")
        counter = "github-importer/object-counter/#{project.id}/#{operation}/#{object_type}"
        Cache::Import::Caching.set_add("github-importer/object-counters-list/#{project.id}/#{operation}", counter, timeout: TIMEOUT)
        Cache::Import::Caching.increment(counter, timeout: TIMEOUT)
      end
    end
  end
end
