#!lua flags=allow-oom
--[[
  Gives a held cart's units back, and the buyer's allowance with them. Repeating it changes nothing.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 key
    3 held_at       ms, of the reservation that is meant; 0 for the newest of its key
  Replies
    RELEASED now_ms, recorded, packed hold   now or before
    ENDED     now_ms, recorded, packed hold   it ended in another way
    NOT_FOUND
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include hold_record
--@include buyers
--@include ending

local lane, refused = open_lane(ARGV[1])
if not lane then
  return {refused}
end
local hold = meant_hold(ARGV[2], ARGV[3])
if not hold then
  return {'NOT_FOUND'}
end
if is_due(lane, hold) then
  expire_hold(lane, hold)
elseif hold.state == 'H' then
  end_hold(lane, hold, 'R', 'released', 'available', lane.now_ms)
end
return shown(hold.state == 'R' and 'RELEASED' or 'ENDED', lane, hold)
