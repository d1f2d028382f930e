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
    1 epoch
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
]]
--@include lane
--@include whole
--@include sale_settings

local sets, bad = sale_settings(2)
if not sets then
  return {'BAD_ARGUMENT', bad}
end
sets[#sets + 1] = 'epoch'
sets[#sets + 1] = ARGV[1]

local there = redis.call('HMGET', SALE, 'epoch', 'version')
-- A lane that PostgreSQL makes now may find what an older database left behind here: that is nobody's stock any more.
local fresh = ARGV[2] == '1' and (not there[1] or tonumber(there[1]) < tonumber(ARGV[1]))
if fresh then
  sets[#sets + 1] = 'recorded_seq'
  sets[#sets + 1] = '0'
elseif not there[1] then
  return {'NO_LANE'}
elseif there[1] ~= ARGV[1] then
  return {'STALE_EPOCH'}
elseif tonumber(there[2]) >= tonumber(ARGV[3]) then
  return {'OUTDATED', there[2]}
end
if fresh then
  -- The first entry of an epoch has seq 1, so that 0 can mean: nothing yet.
  redis.call('XADD', LEDGER, ARGV[1] .. '-0', 'e', 'epoch')
  -- What another life left behind does not count in this one. (After XADD, which fails where that life was a later one.)
  redis.call('DEL', SALE, STOCK, BUYERS, HOLDS, DUE)
end
redis.call('HSET', SALE, unpack(sets))
local lane = open_lane(ARGV[1])
append(lane, 'sale ' .. lane.now .. ' ' .. table.concat(ARGV, ' ', 3))
return {'APPLIED'}
