-- Appends a value to a list unless the list holds it already, and keeps the newest ones.
-- KEYS: the list
-- ARGV: value, how many are kept, seconds to live
for _, value in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if value == ARGV[1] then
    return 0
  end
end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -ARGV[2], -1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
