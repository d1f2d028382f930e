#!lua flags=allow-oom
--[[
  Writes entries of the lane as the books say they must be, all or none, and only where they still are as they were seen. The ledger says
  that it was done. A repetition finds them written.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 what     holds, buyers, stock or sale
    3 name     a reservation's key, or a field; these four are repeated, for 10 reservations or 100 fields at most
    4 seen     its value as it was seen, empty where there was none
    5 wanted   its value from then on, empty for none
    6 due      of a hold: its score in due from then on, empty for none. Empty for all else
  Replies
    REPAIRED
    CHANGED   name   it is not as it was seen
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include in_parts

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local key = ({holds = HOLDS, buyers = BUYERS, stock = STOCK, sale = SALE})[ARGV[2]]
if not key then
  return {'BAD_ARGUMENT', 'what'}
end
if #ARGV < 6 or (#ARGV - 2) % 4 ~= 0 or #ARGV > (key == HOLDS and 42 or 402) then
  return {'BAD_ARGUMENT', 'name'}
end
local names = {}
for at = 2, #ARGV - 4, 4 do
  names[#names + 1] = ARGV[at + 1]
end
local values = read_all(key, names)
local scores = key == HOLDS and read_scores(DUE, names)
local sets, gone, due_sets, due_gone, done = {}, {}, {}, {}, true
for i, name in ipairs(names) do
  local at = 4 * i - 2
  local seen, wanted, due = ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  local value, score = values[i] or '', scores and scores[i] or ''
  local is_done = value == wanted and (not scores or score == due)
  if not is_done and value ~= seen then
    return {'CHANGED', name}
  end
  done = done and is_done
  if wanted == '' then
    gone[#gone + 1] = name
  else
    sets[#sets + 1] = name
    sets[#sets + 1] = wanted
  end
  if scores and due == '' then
    due_gone[#due_gone + 1] = name
  elseif scores then
    due_sets[#due_sets + 1] = due
    due_sets[#due_sets + 1] = name
  end
end
if done then
  return {'REPAIRED'}
end
append(lane, 'repaired ' .. lane.now .. ' ' .. ARGV[2] .. ' ' .. table.concat(names, ' '))
write_all('HSET', key, sets)
write_all('HDEL', key, gone)
write_all('ZADD', DUE, due_sets)
write_all('ZREM', DUE, due_gone)
if key == SALE then
  lane.offset_ms = count_in(redis.call('HGET', SALE, 'offset_ms')) or lane.offset_ms
end
finish(lane)
return {'REPAIRED'}
