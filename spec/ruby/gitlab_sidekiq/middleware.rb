# frozen_string_literal: true

require "json"
require "zlib"

module GitlabSidekiq
  # GitLab's client and server chains, outermost first, as far as they show on the wire or change what a job does.
  module Middleware
    class ContextClient
      def call(_worker, job, _queue, _pool)
        job["scheduled_at"] = job["at"] if job["at"]
        Context.add_to(job, WorkerOptions.feature_category(job["class"]))
        job["worker_data_consistency"] ||= "always"
        job["worker_data_consistency_per_db"] ||= { "main" => "always", "ci" => "always" }
        yield
      end
    end

    class DuplicateJobsClient
      def call(_worker, job, queue, _pool)
        return yield if job["at"]

        duplicate = DuplicateJob.new(job, queue)
        signalled = WorkerOptions.until_executed?(job["class"]) && !job["rescheduled_once"]
        duplicate.signal if signalled
        return false unless duplicate.admit

        yield.tap { duplicate.take_signal if signalled }
      end
    end

    class StatusClient
      def call(_worker, job, _queue, _pool)
        Status.set(job["jid"], job["status_expiration"]) if job["status_expiration"]
        yield
      end
    end

    class SizeLimiterClient
      def call(_worker, job, _queue, _pool)
        job["size_limiter"] ||= "validated"
        yield
      end
    end

    class SizeLimiterServer
      def call(_worker, job, _queue)
        job["args"] = self.class.decompress(job) if job.key?("compressed")
        yield
      end

      def self.compress(args)
        text = Sidekiq.dump_json(args)
        { "args" => [[Zlib::Deflate.deflate(text, 5)].pack("m0")], "compressed" => true, "original_job_size_bytes" => text.bytesize }
      end

      def self.decompress(job) = Sidekiq.load_json(Zlib::Inflate.inflate(job["args"].first.unpack1("m0")))
    end

    class ContextServer
      def call(_worker, job, _queue, &block) = Context.of(job, &block)
    end

    class StatusServer
      def call(_worker, job, _queue)
        yield
        Status.unset(job["jid"])
      end
    end

    class DuplicateJobsServer
      def call(_worker, job, queue, &block)
        duplicate = DuplicateJob.new(job, queue)
        return until_executed(duplicate, job, &block) if WorkerOptions.until_executed?(job["class"])

        duplicate.forget
        yield
      end

      private

      def until_executed(duplicate, job)
        yield
        duplicate.forget
        GitlabSidekiq.push(job["class"], job["args"], extra: { "rescheduled_once" => true }) if duplicate.take_signal
      ensure
        duplicate.forget
      end
    end

    CLIENT = [ContextClient, DuplicateJobsClient, StatusClient, SizeLimiterClient].freeze
    SERVER = [SizeLimiterServer, ContextServer, StatusServer, DuplicateJobsServer].freeze
  end
end
