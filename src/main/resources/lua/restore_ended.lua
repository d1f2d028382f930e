#!lua
--[[
  Puts ended reservations back into a lane that was rebuilt and sells: they are there for repetitions of their requests. A key that the
  lane knows stays as it is, because what the lane has is newer. What ended too long ago is left out.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 key           of the first; these nine are repeated, for 200 at most
    3 state         C(onfirmed), R(eleased) or E(xpired)
    4 revision      counts its transitions so far
    5 ended_after   ms after held_at
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
    LEDGER_DIFFERS seq, ledger_seq   of the lane's last entry and of the stream's: a script failed in the middle, or somebody else wrote
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include whole
--@include in_parts
--@include writes
--@include hold_record
--@include restored_hold
--@include ledger_end
--@include ledger_differs

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
if #ARGV < 10 or #ARGV > 1801 then
  return {'BAD_ARGUMENT', 'key'}
end
local holds, keys = {}, {}
for at = 2, #ARGV, 9 do
  local hold, bad = restored_hold(at)
  if bad or hold.live then
    return {'BAD_ARGUMENT', bad or 'state'}
  end
  holds[#holds + 1] = hold
  keys[#keys + 1] = hold.key
end
local known = read_all(HOLDS, keys)
for i, hold in ipairs(holds) do
  local forgotten_at = hold.ended_at + lane.retention_ms
  if not known[i] and forgotten_at > lane.now_ms then
    keep(hold.key, hold.packed, forgotten_at)
  end
end
if #hold_sets == 0 then
  return {'RESTORED'}
end
local ledger_seq = ledger_differs(lane)
if ledger_seq then
  return {'LEDGER_DIFFERS', digits(lane.seq), ledger_seq}
end
-- First when they leave: what is due and has no hold is dropped, a hold that is never due would stay for ever.
write_all('ZADD', DUE, due_sets)
write_all('HSET', HOLDS, hold_sets)
return {'RESTORED'}
