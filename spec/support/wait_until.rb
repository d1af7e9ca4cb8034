# frozen_string_literal: true

# wait_until(timeout:, what:) { condition } returns the block's first true value. The block is asked about every 20 ms.
# When the time is up it raises with WHAT was awaited and, if `details` is given, with what details.call says. The time allowed is no
# measure of anything: it is ample for the slowest and busiest machine.
module WaitUntil
  class TimedOut < StandardError; end

  def wait_until(timeout: 90, what: "the condition", every: 0.02, details: nil)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + timeout
    loop do
      result = yield
      return result if result
      break if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline

      sleep every
    end
    raise TimedOut, ["#{what} did not happen within #{timeout} s", details&.call].compact.join("\n")
  end
  module_function :wait_until
end
