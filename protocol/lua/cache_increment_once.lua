-- Raises a counter by the number of tokens that were not counted before.
-- KEYS: the counter, the set of tokens counted
-- ARGV: seconds to live, tokens (at most 1,000)
local added = redis.call('SADD', KEYS[2], unpack(ARGV, 2))
if added > 0 then
  redis.call('INCRBY', KEYS[1], added)
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return added
