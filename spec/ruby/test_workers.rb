# frozen_string_literal: true

require "sidekiq"

# Generic jobs for the specs and the benchmarks. The C program spec_worker has the same classes with the same effects.
module Spec
  class NoopWorker
    include Sidekiq::Worker

    def perform(*) = nil
  end

  # Adds one to KEY.
  class CounterWorker
    include Sidekiq::Worker

    def perform(key) = Sidekiq.redis { |redis| redis.incr(key) }
  end

  # Adds one to KEY, or fails. The C program performs those of one project together.
  class ProjectCounterWorker
    include Sidekiq::Worker

    def perform(_project, key, fate = nil)
      raise "failed on purpose" if fate

      Sidekiq.redis { |redis| redis.incr(key) }
    end
  end

  class SleepWorker
    include Sidekiq::Worker

    def perform(seconds, *) = sleep(seconds)
  end

  class FailWorker
    include Sidekiq::Worker

    def perform(message = "failed on purpose") = raise(message)
  end

  # Kills its own process: a job that always dies.
  class SelfKillWorker
    include Sidekiq::Worker

    def perform(key)
      Sidekiq.redis { |redis| redis.incr(key) }
      Process.kill(:KILL, Process.pid)
      sleep 1
    end
  end

  # Asks its own process to stop and outlasts the shutdown timeout.
  class SelfTermWorker
    include Sidekiq::Worker

    def perform(key)
      Sidekiq.redis { |redis| redis.incr(key) }
      Process.kill(:TERM, Process.pid)
      sleep 60
    end
  end

  # Appends the time of its start, in microseconds, to the list KEY.
  class TimestampWorker
    include Sidekiq::Worker

    def perform(key, *)
      now = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)
      Sidekiq.redis { |redis| redis.rpush(key, now) }
    end
  end

  # Pushes another job.
  class PushWorker
    include Sidekiq::Worker

    def perform(class_name, args, queue) = Sidekiq::Client.push("class" => class_name, "args" => args, "queue" => queue)
  end
end
