-- A finished job tells its waiter, once for each jid.
-- KEYS: the waiter's list, the set of jids seen
-- ARGV: jid, seconds the list lives, seconds the set lives
if redis.call('SADD', KEYS[2], ARGV[1]) == 1 then
  redis.call('LPUSH', KEYS[1], ARGV[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return redis.status_reply('OK')
