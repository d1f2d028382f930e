#!lua flags=allow-oom
--[[
  Moves the deadline of a held cart: counted from now, never past held_at + the sale's maximum, never earlier than it was.

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
    4 hold_ms
    5 expected_revision   nothing is changed where it has another one; 0 for whichever it has
  Replies
    EXTENDED  now_ms, recorded, packed hold
    OTHER_REVISION now_ms, recorded, packed hold   of the hold as it is
    ENDED     now_ms, recorded, packed hold   it is not held any more
    NOT_FOUND
    LOST                                       `due` has its key, and its value is gone
    UNREADABLE                                there is a value under its key that is no reservation
    BAD_SETTING name   a setting of the sale was lost or cannot be read
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
--@include writes
--@include hold_record
--@include meant
--@include renew_facts
--@include meant_hold
--@include ending
--@include policy
--@include whole

-- A call is made again by the service within two of its time-outs.
local REPEATED_WITHIN_MS = 1000

local lane, refused = open_lane(ARGV[1], true)
if not lane then
  return refused
end
local hold_ms = whole(ARGV[4], 1, 31536000000)
if not hold_ms then
  return {'BAD_ARGUMENT', 'hold_ms'}
end
local expected = whole(ARGV[5], 0, 999999999999999)
if not expected then
  return {'BAD_ARGUMENT', 'expected_revision'}
end
local hold, none = meant_hold(ARGV[2], ARGV[3])
if not hold then
  return none
end
if is_due(lane, hold) then
  expire_hold(lane, hold)
  write()
end
if hold.state ~= 'H' then
  return shown('ENDED', lane, hold)
end

local unreadable = read_policy(lane)
if unreadable then
  return unreadable
end
local deadline = math.min(lane.now_ms + hold_ms, hold.held_at + lane.policy.max_hold_ms)
if expected ~= 0 and hold.revision ~= expected then
  -- The same call, made again because its answer was lost: it did what it was to do a moment ago.
  if hold.revision == expected + 1 and hold.expires_at >= deadline - REPEATED_WITHIN_MS then
    return shown('EXTENDED', lane, hold)
  end
  return shown('OTHER_REVISION', lane, hold)
end
if deadline > hold.expires_at then
  hold.expires_at = deadline
  renew_facts(hold)
  store(lane, hold, 'extended', lane.now_ms, deadline)
  write()
end
return shown('EXTENDED', lane, hold)
