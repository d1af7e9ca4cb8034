# frozen_string_literal: true

require "etc"

# The CPU time that an import's processes have used so far, in seconds.
class CpuUse
  def initialize(worker, services)
    @pids = { worker: worker, postgres: services.postgres.pid, redis: services.redis.pid }
  end

  # By name. PostgreSQL's is that of its sessions, too.
  def seconds = @pids.transform_values { |pid| (ticks(pid) + children(pid).sum { |child| ticks(child) }) / Etc.sysconf(Etc::SC_CLK_TCK).to_f }

  private

  def children(pid)
    File.read("/proc/#{pid}/task/#{pid}/children").split.map(&:to_i)
  end

  # Its own and that of children that have ended.
  def ticks(pid)
    File.read("/proc/#{pid}/stat")[/.*\) (.*)/, 1].split[11, 4].sum(&:to_i)
  rescue Errno::ENOENT, Errno::ESRCH
    0
  end
end
