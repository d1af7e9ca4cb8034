-- Moves one due job from a sorted set (schedule, retry) to its queue. A job that somebody else has taken out of the set
-- meanwhile has no effect.
--
-- KEYS: sorted set, queue, set of queue names
-- ARGV: the member, name of the queue, payload to push
-- Returns 1, or 0 when the member was gone.
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end

redis.call('SADD', KEYS[3], ARGV[2])
redis.call('LPUSH', KEYS[2], ARGV[3])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
