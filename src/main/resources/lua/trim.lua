#!lua flags=allow-oom
--[[
  Drops ledger entries that PostgreSQL has committed, and remembers up to where, so that reads can tell what is recorded.

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
  Replies
    TRIMMED   entries dropped
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include open_lane
--@include whole

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local recorded_seq = whole(ARGV[2], 0, 999999999999999)
if not recorded_seq then
  return {'BAD_ARGUMENT', 'recorded_seq'}
end
if recorded_seq > lane.recorded_seq then
  redis.call('HSET', SALE, 'recorded_seq', ARGV[2])
end
-- Whole nodes of the stream only: exact trimming rewrites a node at every call.
local dropped = redis.call('XTRIM', LEDGER, 'MINID', '~', lane.epoch .. '-' .. digits(recorded_seq + 1))
return {'TRIMMED', digits(dropped)}
