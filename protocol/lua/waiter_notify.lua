-- Finished jobs tell their waiter, once for each jid.
-- KEYS: the waiter's list, the set of jids seen
-- ARGV: seconds the list lives, seconds the set lives, jids
for i = 3, #ARGV do
  if redis.call('SADD', KEYS[2], ARGV[i]) == 1 then
    redis.call('LPUSH', KEYS[1], ARGV[i])
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return redis.status_reply('OK')
