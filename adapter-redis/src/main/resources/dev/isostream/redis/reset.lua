-- Moves a group in a partition, or deletes it there, while nobody has the partition.
-- KEYS: stream, lease, members; ARGV: 1 group, 2 last id to count as delivered or '' to delete, 3 state
-- Returns OK, ACTIVE, or NONE.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lease = redis.call('HMGET', KEYS[2], 'owner', 'until')
if lease[1] and tonumber(lease[2] or '0') > now then
  return 'ACTIVE'
end
if ARGV[2] == '' then
  local gone = redis.pcall('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
  local had = redis.call('DEL', KEYS[2])
  return (type(gone) == 'number' and gone + had or had) > 0 and 'OK' or 'NONE'
end
redis.pcall('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[2], 'MKSTREAM')
redis.call('HDEL', KEYS[2], 'owner', 'wanted', 'until', 'commit')
redis.call('HINCRBY', KEYS[2], 'epoch', 1)
redis.call('HINCRBY', KEYS[2], 'version', 1)
redis.call('HSET', KEYS[2], 'state', ARGV[3], 'made', '1')
return 'OK'
