-- Moves one due job from a sorted set (schedule, retry) to its queue. A job that somebody else has taken out of the set
-- meanwhile has no effect.
--
-- KEYS: sorted set, queue, set of queue names
-- ARGV: name of the queue, payload to push, the member
-- Returns 1, or 0 when the member was gone.
local set, queue, queues = KEYS[1], KEYS[2], KEYS[3]
local name, payload, member = ARGV[1], ARGV[2], ARGV[3]

if not redis.call('ZSCORE', set, member) then
  return 0
end

redis.call('SADD', queues, name)
redis.call('LPUSH', queue, payload)
redis.call('ZREM', set, member)
return 1
