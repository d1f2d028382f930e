#!lua flags=allow-oom
--[[
  Puts the lane's counts of this moment into the ledger, to be compared with PostgreSQL when all before them is recorded.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 audit_id
  Replies
    AUDITED   position   epoch-seq of the entry
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include open_lane
--@include counts

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local entry = add_counts({'audit', lane.now, ARGV[2]})
local seq = append(lane, table.concat(entry, ' '))
finish(lane)
return {'AUDITED', lane.epoch .. '-' .. seq}
