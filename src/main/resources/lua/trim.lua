#!lua flags=allow-oom
--[[
  Remembers up to where PostgreSQL has committed the ledger, so that reads can tell what is recorded, and drops entries that were committed
  long enough ago. The entry at the cursor stays: it tells whether this is still the past that was recorded.

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
    3 keep_from      seq of the first entry that is kept; at most recorded_seq counts
    4 life           of the database that has committed it
  Replies
    TRIMMED   entries dropped
    OUTDATED  life   a later life of the database has told how far it is
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
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
local keep_from = whole(ARGV[3], 0, 999999999999999)
if not keep_from then
  return {'BAD_ARGUMENT', 'keep_from'}
end
local life = whole(ARGV[4], 1, 999999999999999)
if not life then
  return {'BAD_ARGUMENT', 'life'}
end
local told_by = tonumber(redis.call('HGET', SALE, 'life') or 0)
if life < told_by then
  return {'OUTDATED', digits(told_by)}
end
-- Within one life a cursor only moves on: a lower one comes late. A new life means that PostgreSQL is older than it was.
if life > told_by then
  redis.call('HSET', SALE, 'life', ARGV[4], 'recorded_seq', ARGV[2])
elseif recorded_seq > lane.recorded_seq then
  redis.call('HSET', SALE, 'recorded_seq', ARGV[2])
end
-- Whole nodes of the stream only: exact trimming rewrites a node at every call.
local dropped = redis.call('XTRIM', LEDGER, 'MINID', '~', lane.epoch .. '-' .. digits(math.min(keep_from, recorded_seq)))
return {'TRIMMED', digits(dropped)}
