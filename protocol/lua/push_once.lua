-- Pushes a job unless its parent has pushed it before.
-- KEYS: set of what the parent has pushed, the queue's list or the schedule, set of queue names
-- ARGV: name of this push, seconds the first set lives, queue, time (empty: now), job
-- Returns 1 when pushed.
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
if ARGV[4] == '' then
  redis.call('SADD', KEYS[3], ARGV[3])
  redis.call('LPUSH', KEYS[2], ARGV[5])
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
end
return 1
