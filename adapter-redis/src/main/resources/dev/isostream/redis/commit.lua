-- Stores how far a group has come in a partition, if the partition is this member's.
-- KEYS: stream, lease
-- ARGV: 1 group, 2 owner, 3 epoch, 4 number of the commit within the epoch, 5 state,
--   6 last id delivered, 7 entries read up to it or -1, 8 whether it has moved, 9 how many ids follow that are
--   delivered and open; these, then the ids that are settled
-- Returns OK, or FENCED, or LATE where a later commit of the epoch was stored before.
local lease = redis.call('HMGET', KEYS[2], 'owner', 'epoch', 'commit', 'made')
if lease[1] ~= ARGV[2] or lease[2] ~= ARGV[3] then
  return 'FENCED'
end
if lease[3] and tonumber(lease[3]) >= tonumber(ARGV[4]) then
  return 'LATE'
end
local read = tonumber(ARGV[7]) >= 0 and {'ENTRIESREAD', ARGV[7]} or {}
local function make()
  local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[6], 'MKSTREAM', unpack(read))
  if made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then
    return made
  end
  redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
  redis.call('HSET', KEYS[2], 'made', '1')
end
if not lease[4] then
  local failed = make()
  if failed then
    return failed
  end
end
if ARGV[8] == '1' then
  local moved = redis.pcall('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[6], unpack(read))
  if type(moved) == 'table' and moved.err then
    -- deleted behind our back
    local failed = make()
    if failed then
      return failed
    end
    redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[6])
  end
end
local claims = tonumber(ARGV[9])
for from = 10, 9 + claims, 1000 do
  local to = math.min(from + 999, 9 + claims)
  local ids = {unpack(ARGV, from, to)}
  ids[#ids + 1] = 'FORCE'
  ids[#ids + 1] = 'JUSTID'
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, unpack(ids))
end
for from = 10 + claims, #ARGV, 1000 do
  redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, from, math.min(from + 999, #ARGV)))
end
redis.call('HSET', KEYS[2], 'state', ARGV[5], 'commit', ARGV[4])
return 'OK'
