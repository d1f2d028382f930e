#!lua flags=no-writes
--[[
  Shows one reservation as it is now. A hold that is due is shown as held: the reader compares expires_at with now_ms.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 key
    3 held_at       ms, of the reservation that is meant; 0 for the newest of its key
  Replies
    FOUND     now_ms, recorded, packed hold
    NOT_FOUND
    LOST                                       `due` has its key, and its value is gone
    UNREADABLE                                there is a value under its key that is no reservation
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
--@include meant
--@include meant_hold

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local hold, none = meant_hold(ARGV[2], ARGV[3])
if not hold then
  return none
end
return shown('FOUND', lane, hold)
