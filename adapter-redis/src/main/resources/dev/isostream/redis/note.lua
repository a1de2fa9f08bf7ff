-- Notes what the transaction that this is the end of has appended, and trims.
-- KEYS: stream, what is known of the producer
-- ARGV: 1 the last number, 2 all numbers, 3 lowest number of the request where these are its first here or '',
--   4 ms to remember the producer, 5 most entries or '', 6 greatest age in ms or ''
if ARGV[3] ~= '' then
  -- what lies below the request's lowest number was decided; nobody asks for it again
  for _, upto in ipairs(redis.call('HKEYS', KEYS[2])) do
    if upto ~= 'high' and tonumber(upto) < tonumber(ARGV[3]) then
      redis.call('HDEL', KEYS[2], upto)
    end
  end
end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
redis.call('HSET', KEYS[2], 'high', ARGV[1], ARGV[1], newest[1][1] .. ' ' .. ARGV[2])
if ARGV[3] ~= '' then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
if ARGV[5] ~= '' then
  redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[5])
end
if ARGV[6] ~= '' then
  local now = redis.call('TIME')
  local oldest = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) - tonumber(ARGV[6])
  redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%d', oldest))
end
return 1
