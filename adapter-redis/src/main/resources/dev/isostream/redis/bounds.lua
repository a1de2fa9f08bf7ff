-- What a stream holds, without its bodies.
-- KEYS: stream; ARGV: 1 an id or ''
-- Returns ids of the first and the last entry ('' where there is none), the last id given out, the greatest id that
-- was deleted by name, entries ever added, entries left, and for the id: whether it is there, the next one there is.
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
local found = {}
if not info.err then
  for i = 1, #info, 2 do
    found[info[i]] = info[i + 1]
  end
end
local first, last = found['first-entry'], found['last-entry']
local there, following = 0, ''
if ARGV[1] ~= '' and first then
  local next = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', 1)
  if next[1] then
    following = next[1][1]
    there = following == ARGV[1] and 1 or 0
  end
end
return {
  first and first[1] or '', last and last[1] or '', found['last-generated-id'] or '0-0',
  found['max-deleted-entry-id'] or '0-0', found['entries-added'] or 0, found['length'] or 0, there, following
}
