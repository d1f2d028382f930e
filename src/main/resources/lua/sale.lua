#!lua flags=no-writes
--[[
  Tells how a sale stands by Redis's clock.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
  Replies
    SALE      now_ms, state, opens_at_ms, closes_at_ms, version, lag_ms
              lag_ms: how far the lane's time is behind Redis's clock, which was moved and is not believed
    BAD_SETTING name   a setting of the sale was lost or cannot be read
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include policy

local lane, refused = open_lane(ARGV[1], true)
if not lane then
  return refused
end
local unreadable = read_policy(lane)
if unreadable then
  return unreadable
end
local version = count_in(redis.call('HGET', SALE, 'version'))
if not version then
  return {'BAD_SETTING', 'version'}
end
return {'SALE', lane.now, lane.policy.state, digits(lane.policy.opens_at_ms), digits(lane.policy.closes_at_ms),
  digits(version), digits(lane.lag_ms)}
