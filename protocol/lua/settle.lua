-- One settlement: the job leaves the working list and, in the same step, arrives where it goes next. A job that is no
-- longer in the list has no effect, so sending a settlement twice does no harm. The destination is written first: if
-- Redis refuses that, the job stays in the working list.
--
-- KEYS: working list, destination, and for "push_to" the set of queue names
-- ARGV: the job, verb, payload to write, then what the verb needs
-- Returns 1, or 0 when the job was not in the working list.
local working_list, destination = KEYS[1], KEYS[2]
local job, verb, payload = ARGV[1], ARGV[2], ARGV[3]

-- The oldest jobs are at the tail.
if not redis.call('LPOS', working_list, job, 'RANK', -1) then
  return 0
end

if verb == 'push' then
  redis.call('LPUSH', destination, payload)
elseif verb == 'return' then
  redis.call('RPUSH', destination, payload)
elseif verb == 'push_to' then
  redis.call('SADD', KEYS[3], ARGV[4])
  redis.call('LPUSH', destination, payload)
elseif verb == 'schedule' then
  redis.call('ZADD', destination, ARGV[4], payload)
elseif verb == 'bury' then
  -- ARGV: time of death, time before which the dead are forgotten, rank from which they are kept
  redis.call('ZADD', destination, ARGV[4], payload)
  redis.call('ZREMRANGEBYSCORE', destination, '-inf', ARGV[5])
  redis.call('ZREMRANGEBYRANK', destination, 0, ARGV[6])
else
  return redis.error_reply('ERR settle.lua: unknown verb')
end

redis.call('LREM', working_list, -1, job)
return 1
