-- Says whether a transaction that follows may append: what it watches is changed where it may not.
-- KEYS: meta, what is known of the producer; ARGV: 1 incarnation, 2 the highest number of the producer that is stored
-- Returns OK and partitions; or GONE; or OTHER where another number is the highest.
local meta = redis.pcall('HMGET', KEYS[1], 'id', 'partitions')
local high = redis.pcall('HGET', KEYS[2], 'high')
if not meta.err and meta[1] == ARGV[1] and high == ARGV[2] then
  return {'OK', meta[2]}
end
redis.call('HSET', KEYS[2], 'touched', '1')
redis.call('HDEL', KEYS[2], 'touched')
return {not meta.err and meta[1] ~= ARGV[1] and 'GONE' or 'OTHER'}
