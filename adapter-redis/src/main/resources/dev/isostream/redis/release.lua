-- Gives a lease up, or asks its owner to.
-- KEYS: lease, stream; ARGV: 1 owner, 2 epoch, 3 who wants it, or '' to give it up, 4 group
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return 0
end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[1], 'wanted', ARGV[3])
  return 1
end
redis.call('HDEL', KEYS[1], 'owner', 'wanted', 'until')
redis.call('HINCRBY', KEYS[1], 'version', 1)
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[2], ARGV[4])
if not consumers.err then
  for _, raw in ipairs(consumers) do
    local consumer = {}
    for i = 1, #raw, 2 do
      consumer[raw[i]] = raw[i + 1]
    end
    -- with anything pending the name has to stay: what is pending would go with it
    if consumer['name'] == ARGV[1] and consumer['pending'] == 0 then
      redis.call('XGROUP', 'DELCONSUMER', KEYS[2], ARGV[4], ARGV[1])
    end
  end
end
return 1
