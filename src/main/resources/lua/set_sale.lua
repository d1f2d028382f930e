#!lua flags=allow-oom
--[[
  Writes a sale's policy, window, state and clock, if this version of them is newer than the one there is.
  Only the first call for an epoch may create the lane: one that was emptied since must not come back to life with full shelves.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 create           1 the lane may be made, 0 it must be there
    3 version
    4 state            open, paused or closed, as the admin set it
    5 opens_at_ms
    6 closes_at_ms     0 for never
    7 hold_ms
    8 max_hold_ms
    9 customer_limit   units per buyer over all SKUs, 0 for none
    10 offset_ms       added to Redis's clock
  Replies
    APPLIED
    OUTDATED   version   this or a newer version was there
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
--@include whole
--@include sale_settings

local epoch = string.match(ARGV[1], '^(%d+)%-')
local sets, bad = sale_settings(epoch, 2)
if not sets then
  return {'BAD_ARGUMENT', bad}
end

local function entry(now_ms)
  return 'sale ' .. digits(now_ms) .. ' ' .. table.concat(ARGV, ' ', 3)
end

local there = redis.call('HMGET', SALE, 'epoch', 'version', 'longest_ms')
-- A lane that PostgreSQL makes now may find what an older database left behind here: that is nobody's stock any more.
if ARGV[2] == '1' and (not there[1] or tonumber(there[1]) < tonumber(epoch)) then
  local lane = {epoch = epoch, seq = 0}
  -- The first entry of an epoch has seq 1, so that 0 can mean: nothing yet.
  redis.call('XADD', LEDGER, epoch .. '-0', 'e', 'epoch')
  append(lane, entry(redis_clock_ms() + ARGV[10]))
  -- What another life left behind does not count in this one. (After XADD, which fails where that life was a later one.)
  redis.call('UNLINK', SALE, STOCK, BUYERS, HOLDS, DUE)
  write_all('HSET', SALE, add_all({'epoch', epoch, 'recorded_seq', '0', 'seq', digits(lane.seq), 'longest_ms', ARGV[8]}, sets))
  return {'APPLIED'}
end
local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
-- What cannot be read gives way to what an admin says.
if (count_in(there[2]) or -1) >= tonumber(ARGV[3]) then
  return {'OUTDATED', there[2]}
end
append(lane, entry(lane.redis_ms - lane.lag_ms + ARGV[10]))
write_all('HSET', SALE, add_all({'longest_ms', digits(math.max(count_in(there[3]) or 0, ARGV[8]))}, sets))
lane.offset_ms = tonumber(ARGV[10])
finish(lane)
return {'APPLIED'}
