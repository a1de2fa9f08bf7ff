-- Appends records of one producer to one partition, each once.
-- KEYS: stream, meta, what is known of the producer
-- ARGV: 1 incarnation, 2 number of the producer's record before these in the same request, or -1,
--   3 lowest number of the request, 4 whether these are its first here, 5 ms to remember the producer,
--   6 most entries or '', 7 greatest age in ms or '', 8 channel or ''; then for each record
--   its number, how many words it has, its words
-- Returns OK, partitions, nothing or an error, ids, the highest number stored; or GONE; or GAP where records before
-- these are missing.
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
-- Whether an entry was deleted by name from here on: then counting back does not lead to the right ones.
local function deletedFrom(id)
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'max-deleted-entry-id' then
      local millis, number = string.match(id, '(%d+)%-(%d+)')
      local lastMillis, lastNumber = string.match(info[i + 1], '(%d+)%-(%d+)')
      millis, lastMillis = tonumber(millis), tonumber(lastMillis)
      return lastMillis > millis or lastMillis == millis and tonumber(lastNumber) >= tonumber(number)
    end
  end
end
-- Where copies were stored; a transaction notes only the id of its last record.
local function stored()
  local found = {}
  local all = redis.call('HGETALL', KEYS[3])
  for i = 1, #all, 2 do
    local last = all[i] ~= 'high' and string.match(all[i + 1], '^(%d+%-%d+) ')
    if last then
      local numbers = {}
      for number in string.gmatch(all[i + 1], ' (%d+)') do
        numbers[#numbers + 1] = tonumber(number)
      end
      local entries = redis.call('XREVRANGE', KEYS[1], last, '-', 'COUNT', #numbers)
      if entries[1] and entries[1][1] == last and not deletedFrom(entries[#entries][1]) then
        for back, entry in ipairs(entries) do
          found[numbers[#numbers + 1 - back]] = entry[1]
        end
      end
    elseif all[i] ~= 'high' then
      for number, id in string.gmatch(all[i + 1], '(%d+)=(%d+%-%d+)') do
        found[tonumber(number)] = id
      end
    end
  end
  return found
end
local ids, kept, err, copies = {}, {}, '', nil
local last = high
local at, n = 9, #ARGV
while at < n do
  local number, words = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local id
  if number <= high then
    copies = copies or stored()
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
return {'OK', meta[2], err, ids, string.format('%d', last)}
