#!lua flags=allow-oom
--[[
  Takes a lane out of Redis when its sale is over, no reservation is kept here any more, and PostgreSQL has all of its ledger.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 recorded_seq   last seq committed in PostgreSQL
    3 go             1 to take it out, 0 to see whether that could be done
  Replies
    RETIRED
    QUIET                 it could be done
    IN_USE    what        sale, holds or ledger
    BAD_SETTING name   a setting of the sale was lost or cannot be read
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include ledger_end
--@include policy
--@include whole

local lane, refused = open_lane(ARGV[1], true)
if not lane then
  return refused
end
local recorded_seq = whole(ARGV[2], 0, 999999999999999)
if not recorded_seq then
  return {'BAD_ARGUMENT', 'recorded_seq'}
end
if ARGV[3] ~= '0' and ARGV[3] ~= '1' then
  return {'BAD_ARGUMENT', 'go'}
end
local last_seq = ledger_end(lane)
if not last_seq then
  return {'NO_LANE'}
end
local unreadable = read_policy(lane)
if unreadable then
  return unreadable
end
if lane.policy.state ~= 'closed' and (lane.policy.closes_at_ms == 0 or lane.now_ms < lane.policy.closes_at_ms) then
  return {'IN_USE', 'sale'}
end
if redis.call('EXISTS', HOLDS) == 1 then
  return {'IN_USE', 'holds'}
end
if tonumber(last_seq) ~= recorded_seq then
  return {'IN_USE', 'ledger'}
end
if ARGV[3] == '0' then
  return {'QUIET'}
end
-- A million buyers are freed beside the calls of other sales, not before them.
redis.call('UNLINK', SALE, STOCK, BUYERS, HOLDS, DUE, LEDGER)
return {'RETIRED'}
