-- Renews a lease under its epoch.
-- KEYS: lease; ARGV: 1 member, 2 epoch, 3 ms until it expires
-- Returns nothing where it is another's; else version, and who wants it or ''.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'wanted')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return {}
end
local now = redis.call('TIME')
local ends = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'until', string.format('%d', ends))
return {redis.call('HINCRBY', KEYS[1], 'version', 1), lease[3] or ''}
