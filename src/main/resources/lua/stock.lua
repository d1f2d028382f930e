#!lua flags=allow-oom
--[[
  Counts every SKU, or the named one, after taking back what is due: a hold counts as expired from its deadline on.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 sku    may be left out: all
  Replies
    COUNTED   sku, capacity, available, held, sold, version; repeated
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include open_lane
--@include writes
--@include hold_record
--@include ending
--@include due
--@include counts

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
take_back_due(lane, 100)
return add_counts({'COUNTED'}, ARGV[2])
