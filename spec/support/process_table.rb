# frozen_string_literal: true

# What the kernel knows of a process, for processes that are not our children (their exit status nobody tells us).
module ProcessTable
  module_function

  # A zombie that its parent has not reaped yet counts as gone.
  def alive?(pid)
    state = File.read("/proc/#{pid}/stat")[/\) (\S)/, 1]
    !%w[Z X].include?(state)
  rescue Errno::ENOENT, Errno::ESRCH
    false
  end
end
