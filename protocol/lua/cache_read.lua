-- Reads a value and, unless it is blank, gives it a new life.
-- KEYS: the value
-- ARGV: seconds to live
local value = redis.call('GET', KEYS[1])
if value and string.find(value, '%S') then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end
return value
