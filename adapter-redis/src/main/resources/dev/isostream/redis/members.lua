-- The members of a group that gave a sign of life of late.
-- KEYS: members; ARGV: 1 the member that asks or '', 2 ms after which one without a sign is forgotten
-- Returns pairs of member and server time of its last sign.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%d', now))
end
local all = redis.call('HGETALL', KEYS[1])
local live = {}
for i = 1, #all, 2 do
  if tonumber(all[i + 1]) + tonumber(ARGV[2]) < now then
    if ARGV[1] ~= '' then
      redis.call('HDEL', KEYS[1], all[i])
    end
  else
    live[#live + 1] = all[i]
    live[#live + 1] = all[i + 1]
  end
end
return live
