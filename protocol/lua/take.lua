-- Moves jobs from queues to working lists, oldest first, as repeated LMOVE ... RIGHT LEFT would.
--
-- KEYS: queue, its working list, next queue, its working list, ... in the order of visiting
-- ARGV: how many jobs at most, over all queues
-- Returns one array of jobs for each queue.
local PUSHED_AT_ONCE = 1000 -- Lua limits how many arguments unpack() may yield

local wanted = tonumber(ARGV[1])
local taken = {}

for i = 1, #KEYS, 2 do
  local jobs = {}
  if wanted > 0 then
    jobs = redis.call('RPOP', KEYS[i], wanted) or {}
    for first = 1, #jobs, PUSHED_AT_ONCE do
      local last = math.min(first + PUSHED_AT_ONCE - 1, #jobs)
      redis.call('LPUSH', KEYS[i + 1], unpack(jobs, first, last))
    end
    wanted = wanted - #jobs
  end
  taken[#taken + 1] = jobs
end

return taken
