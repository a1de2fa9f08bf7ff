-- Where a group stands in a partition.
-- KEYS: stream; ARGV: 1 group
-- Returns nothing where there is no such group; else the last id delivered, entries read or -1, the lag or -1, and
-- the ids that are pending, in order.
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if groups.err then
  return {}
end
for _, raw in ipairs(groups) do
  local group = {}
  for i = 1, #raw, 2 do
    group[raw[i]] = raw[i + 1]
  end
  if group['name'] == ARGV[1] then
    local ids, from = {}, '-'
    while true do
      local page = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', 1000)
      for _, entry in ipairs(page) do
        ids[#ids + 1] = entry[1]
      end
      if #page < 1000 then
        break
      end
      from = '(' .. ids[#ids]
    end
    local lag = group['lag'] or -1
    -- what someone else wrote may be no count
    local read = lag >= 0 and group['entries-read'] or -1
    return {group['last-delivered-id'], read, lag, ids}
  end
end
return {}
