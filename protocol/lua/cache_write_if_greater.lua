-- Sets a number unless the one stored is as great or greater; the stored one keeps its time to live then.
-- KEYS: the number
-- ARGV: new number, seconds to live
local stored = redis.call('GET', KEYS[1])
if stored and tonumber(stored) >= tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
