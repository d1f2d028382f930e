#!lua flags=no-writes
--[[
  Shows some entries of the lane by their names, as they are after one entry of the ledger, for an inspection.

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
    3 name     a reservation's key, or a field; more may follow: 100 reservations or 1,000 fields at most
  Replies
    SHOWN     seq, now_ms, then for each name: its value or empty, and of holds the score in due or empty
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
if #ARGV < 3 or #ARGV > (key == HOLDS and 102 or 1002) then
  return {'BAD_ARGUMENT', 'name'}
end
local names = {}
for at = 2, #ARGV - 1 do
  names[#names + 1] = ARGV[at + 1]
end
local values = read_all(key, names)
local scores = key == HOLDS and read_scores(DUE, names)
local answer = {'SHOWN', digits(lane.seq), lane.now}
for i = 1, #names do
  answer[#answer + 1] = values[i] or ''
  if scores then
    answer[#answer + 1] = scores[i] or ''
  end
end
return answer
