#!lua flags=no-writes
--[[
  Lists the holds of one SKU by their deadlines, a step at a time: of so many entries of `due`, those that hold it.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 sku
    3 from   ms: the deadline to begin with
    4 skip   entries of that deadline that were looked at before
    5 most   entries to look at, 1 to 50
  Replies
    LISTED    now_ms, held, from, skip, then key and packed hold of each
              held: units that are held in all; from and skip: of the next step, from is -1 where there is none
    UNREADABLE sku   its count of held units cannot be read
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
--@include writes
--@include hold_record
--@include whole

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local sku, from = ARGV[2], whole(ARGV[3], 0, 999999999999999)
local skip, most = whole(ARGV[4], 0, 999999999), whole(ARGV[5], 1, 50)
if not from then
  return {'BAD_ARGUMENT', 'from'}
end
if not skip then
  return {'BAD_ARGUMENT', 'skip'}
end
if not most then
  return {'BAD_ARGUMENT', 'most'}
end

local held_units = redis.call('HGET', STOCK, sku .. '|held') or '0'
if not count_in(held_units) then
  return {'UNREADABLE', sku}
end

local due = redis.call('ZRANGE', DUE, digits(from), '+inf', 'BYSCORE', 'LIMIT', skip, most, 'WITHSCORES')
local keys, last, of_last = {}, from, skip
for i = 1, #due, 2 do
  keys[#keys + 1] = due[i]
  local deadline = tonumber(due[i + 1])
  of_last = deadline == last and of_last + 1 or 1
  last = deadline
end

local ended = #keys < most
local answer = {'LISTED', lane.now, held_units, ended and '-1' or digits(last), ended and '0' or digits(of_last)}
if #keys == 0 then
  return answer
end
for i, packed in ipairs(read_all(HOLDS, keys)) do
  -- Most carts do not have it, which is seen without taking them apart.
  local hold = packed and string.find(packed, sku, 1, true) and unpack_hold(keys[i], packed)
  if hold and hold.state == 'H' then
    for held in string.gmatch(hold.lines, '(%S+) %d+') do
      if held == sku then
        answer[#answer + 1] = hold.key
        answer[#answer + 1] = packed
      end
    end
  end
end
return answer
