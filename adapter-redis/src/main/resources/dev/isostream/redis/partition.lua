-- Makes a partition, tells one of a new count, or deletes it with its groups.
-- KEYS: stream, meta; ARGV: 1 incarnation or '' to delete, 2 partitions, 3 what the keys of groups start with
if ARGV[1] == '' then
  local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
  if not groups.err then
    for _, raw in ipairs(groups) do
      redis.call('DEL', ARGV[3] .. raw[2], ARGV[3] .. raw[2] .. ':members')
    end
  end
  return redis.call('DEL', KEYS[1], KEYS[2])
end
if redis.call('HGET', KEYS[2], 'id') ~= ARGV[1] then
  redis.call('DEL', KEYS[1], KEYS[2])
  -- an empty stream that is there
  redis.call('XGROUP', 'CREATE', KEYS[1], 'isostream', '0', 'MKSTREAM')
  redis.call('XGROUP', 'DESTROY', KEYS[1], 'isostream')
end
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'partitions', ARGV[2])
return 1
