-- Gives an exclusive lease back, unless it has expired and belongs to somebody else by now.
-- KEYS[1]: the lease; ARGV[1]: the holder's uuid
if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
end
return 0
