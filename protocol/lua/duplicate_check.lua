-- Sets the cookie of a job that is about to be pushed.
-- KEYS: the cookie
-- ARGV: the cookie's value (MessagePack), seconds to live
-- Returns nil, or the jid in the cookie that was there before.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then
  return false
end
return cmsgpack.unpack(redis.call('GET', KEYS[1]))['jid']
