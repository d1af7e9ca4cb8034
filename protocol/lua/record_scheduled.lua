-- Records objects of a collection as scheduled: in one step, and each once, however often it is said.
-- KEYS: set of the objects, the waiter's key, how many jobs the waiter waits for, list of counters, counters
-- ARGV: seconds the first three live, seconds the counters live, the counters' names in their list,
--       then for each object its member of the set and the number of its counter (0: not counted)
-- Returns how many jobs the waiter waits for, then for each counter how many objects were new to it.
local n_counters = #KEYS - 4
local new, added = 0, {}
for counter = 1, n_counters do
  added[counter] = 0
end
for i = 3 + n_counters, #ARGV, 2 do
  if redis.call('SADD', KEYS[1], ARGV[i]) == 1 then
    local counter = tonumber(ARGV[i + 1])
    new = new + 1
    if counter > 0 then
      added[counter] = added[counter] + 1
    end
  end
end
if new > 0 then
  redis.call('INCRBY', KEYS[3], new)
end
for i = 1, 3 do
  redis.call('EXPIRE', KEYS[i], ARGV[1])
end
for counter = 1, n_counters do
  if added[counter] > 0 then
    redis.call('SADD', KEYS[4], ARGV[2 + counter])
    redis.call('EXPIRE', KEYS[4], ARGV[2])
    redis.call('INCRBY', KEYS[4 + counter], added[counter])
    redis.call('EXPIRE', KEYS[4 + counter], ARGV[2])
  end
end
return {tonumber(redis.call('GET', KEYS[3]) or 0), unpack(added)}
