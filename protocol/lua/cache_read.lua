-- Reads values and gives each, unless it is blank, a new life.
-- KEYS: the values
-- ARGV: seconds to live
local values = {}
for i, key in ipairs(KEYS) do
  values[i] = redis.call('GET', key)
  if values[i] and string.find(values[i], '%S') then
    redis.call('EXPIRE', key, ARGV[1])
  end
end
return values
