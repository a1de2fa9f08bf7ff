-- Writes or deletes the record of a topic.
-- KEYS: topic; ARGV: 1 id expected ('' for none), 2 id to write ('' to delete), then fields
-- Returns whether it was as expected.
local found = redis.call('HMGET', KEYS[1], 'id', 'partitions')
-- without partitions it is being made, or its maker died; then it may be made anew
local unmade = ARGV[1] == '' and found[2] == '0'
if (found[1] or '') ~= ARGV[1] and not unmade then
  return 0
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'id', ARGV[2], unpack(ARGV, 3))
end
return 1
