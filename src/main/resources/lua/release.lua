#!lua flags=allow-oom
--[[
  Gives held carts' units back, and their buyers' allowances with them. Repeating it changes nothing.
  Carts are taken in their order, as if each had been a call of its own: the answer is one answer each.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 key           of the first; these two are repeated, for 50 at most
    3 held_at       ms, of the reservation that is meant; 0 for the newest of its key
  Replies
    DECIDED   an array for each:
    RELEASED  now_ms, recorded, packed hold   now or before
    ENDED     now_ms, recorded, packed hold   it ended in another way
    NOT_FOUND
    LOST                                       `due` has its key, and its value is gone
    UNREADABLE                                there is a value under its key that is no reservation
    CALL_AGAIN                                nothing was done: those before it were enough for one call
    and instead of them all:
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
--@include work
--@include writes
--@include hold_record
--@include meant
--@include ending
--@include meant_holds
--@include settle

return settle('R', 'released', 'available', 'RELEASED')
