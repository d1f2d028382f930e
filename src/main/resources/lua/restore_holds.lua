#!lua
--[[
  Puts reservations back into a lane that is being rebuilt.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 key           of the first; these nine are repeated, for 200 at most
    3 state         H(eld), C(onfirmed), R(eleased) or E(xpired)
    4 revision      counts its transitions so far
    5 ended_after   ms after held_at, 0 while it is held
    6 held_at       ms
    7 lasts         ms after held_at: until then it is, or was, held
    8 fingerprint   of the canonical request
    9 customer
    10 lines        sku quantity, all with one space between them
  Replies
    RESTORED
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include whole
--@include in_parts
--@include count_in
--@include writes
--@include hold_record
--@include restoring
--@include restored_hold

local refused, retention_ms = refusal_unless_restoring()
if refused then
  return refused
end
if #ARGV < 10 or #ARGV > 1801 then
  return {'BAD_ARGUMENT', 'key'}
end
for at = 2, #ARGV, 9 do
  local hold, bad = restored_hold(at)
  if bad then
    return {'BAD_ARGUMENT', bad}
  end
  keep(hold.key, hold.packed, hold.live and hold.expires_at or hold.ended_at + retention_ms)
end
-- Nothing was moved: there is no more to write than this.
write_all('HSET', HOLDS, hold_sets)
write_all('ZADD', DUE, due_sets)
return {'RESTORED'}
