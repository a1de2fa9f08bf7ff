-- Appends records of one producer to one partition, each once.
-- KEYS: stream, meta, what is known of the producer
-- ARGV: 1 incarnation, 2 number of the producer's record before these in the same request, or -1,
--   3 lowest number of the request, 4 whether these are its first here, 5 ms to remember the producer,
--   6 most entries or '', 7 greatest age in ms or '', 8 channel or ''; then for each record
--   its number, how many words it has, its words
-- Returns OK, partitions, nothing or an error, ids; or GONE; or GAP where records before these are missing.
local meta = redis.call('HMGET', KEYS[2], 'id', 'partitions')
if meta[1] ~= ARGV[1] then
  return {'GONE'}
end
local known = redis.call('HGET', KEYS[3], 'high')
local high = known and tonumber(known) or -1
if high < tonumber(ARGV[2]) then
  return {'GAP'}
end
if ARGV[4] == '1' and known then
  -- what lies below the request's lowest number was decided; nobody asks for it again
  for _, upto in ipairs(redis.call('HKEYS', KEYS[3])) do
    if upto ~= 'high' and tonumber(upto) < tonumber(ARGV[3]) then
      redis.call('HDEL', KEYS[3], upto)
    end
  end
end
local ids, kept, err, copies = {}, {}, '', nil
local last = high
local at, n = 9, #ARGV
while at < n do
  local number, words = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local id
  if number <= high then
    if not copies then
      copies = {}
      local all = redis.call('HGETALL', KEYS[3])
      for i = 1, #all, 2 do
        if all[i] ~= 'high' then
          for k, v in string.gmatch(all[i + 1], '(%d+)=(%d+%-%d+)') do
            copies[tonumber(k)] = v
          end
        end
      end
    end
    id = copies[number] or ''
  else
    id = redis.pcall('XADD', KEYS[1], '*', unpack(ARGV, at + 2, at + 1 + words))
    if type(id) == 'table' then
      err = id.err
      break
    end
    last = number
    kept[#kept + 1] = ARGV[at] .. '=' .. id
    if ARGV[8] ~= '' then
      redis.call('PUBLISH', ARGV[8], id)
    end
  end
  ids[#ids + 1] = id
  at = at + 2 + words
end
if last > high then
  local number = string.format('%d', last)
  redis.call('HSET', KEYS[3], 'high', number, number, table.concat(kept, ' '))
end
if ARGV[4] == '1' then
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
end
if ARGV[6] ~= '' then
  redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[6])
end
if ARGV[7] ~= '' then
  local now = redis.call('TIME')
  local oldest = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) - tonumber(ARGV[7])
  redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%d', oldest))
end
return {'OK', meta[2], err, ids}
