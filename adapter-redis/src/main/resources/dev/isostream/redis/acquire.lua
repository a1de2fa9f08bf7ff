-- Takes a lease if nothing about it has changed, and with it everything that is pending.
-- KEYS: stream, lease
-- ARGV: 1 group, 2 member, 3 epoch seen, 4 version seen, 5 ms until it expires
-- Returns nothing where it has changed; else epoch, version, state, and where there is such a group the last id
-- delivered and the first one pending or ''.
local lease = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'state')
local epoch, version = tonumber(lease[1] or '0'), tonumber(lease[2] or '0')
if epoch ~= tonumber(ARGV[3]) or version ~= tonumber(ARGV[4]) then
  return {}
end
epoch = epoch + 1
version = version + 1
local now = redis.call('TIME')
local ends = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) + tonumber(ARGV[5])
redis.call('HSET', KEYS[2], 'owner', ARGV[2], 'epoch', string.format('%d', epoch), 'version',
  string.format('%d', version), 'until', string.format('%d', ends))
redis.call('HDEL', KEYS[2], 'wanted', 'commit')
-- the first one also where retention has removed it meanwhile: that is a gap to be told of, and claiming forgets it
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1)
if pending.err then
  return {epoch, version, lease[3] or ''}
end
-- seen by who looks, also as long as it has nothing pending
redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
local first, from = pending[1] and pending[1][1] or '', '0-0'
repeat
  local claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, from, 'COUNT', 1000, 'JUSTID')
  from = claimed[1]
until from == '0-0'
for _, raw in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #raw, 2 do
    consumer[raw[i]] = raw[i + 1]
  end
  if consumer['pending'] == 0 and consumer['name'] ~= ARGV[2] then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
  end
end
redis.call('HSET', KEYS[2], 'made', '1')
for _, raw in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #raw, 2 do
    group[raw[i]] = raw[i + 1]
  end
  if group['name'] == ARGV[1] then
    return {epoch, version, lease[3] or '', group['last-delivered-id'], first}
  end
end
return {epoch, version, lease[3] or ''}
