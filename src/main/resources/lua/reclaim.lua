#!lua
--[[
  Puts a reservation back as its receipt says, where it was lost: its units are taken again if they are there, whatever the window says,
  because they were given once. What is there as the receipt says, or has gone on since, stays as it is. Where only a replacement of its lines
  was lost, it has those of the receipt again, or, if their units are not there, stays as it is. A release whose hold was lost, too, is held
  and released again in one step: it needs free units, takes none, and no limit counts. Repeating it changes nothing.

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
    3 held_at       ms
    4 state         H(eld), C(onfirmed) or R(eleased), as the receipt says
    5 revision      as the receipt says
    6 lasts         ms after held_at: until then it was to be held
    7 fingerprint   of the canonical request
    8 customer
    9 lines         sku quantity, all with one space between them
  Replies
    RECLAIMED      now_ms, recorded, packed hold   it is as the receipt says, now or since before
    ENDED          now_ms, recorded, packed hold   it has ended in another way since
    TOO_LATE                                       nothing is left of it: its hold ran out before it was reclaimed, or its release can
                                                   not be written down again, because others have its units or it was released long ago
    KEY_REUSED                                     the key stands for another reservation by now
    LOST                                           `due` has its key, and its value is gone
    OUT_OF_STOCK   now_ms, first_due_ms, count; then sku, requested, available, held for each short SKU; then sku, available for each alternative
    PURCHASE_LIMIT limit, taken; sku if it is that SKU's limit
    UNKNOWN_SKU    sku, ...
    UNREADABLE     sku, ...   whose counts cannot be read; none: there is a value under the key that is no reservation
    MORE_DUE       due holds were taken back, more wait: call again
    BAD_SETTING name   a setting of the sale was lost or cannot be read
    BAD_ARGUMENT   name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include policy
--@include whole
--@include in_parts
--@include work
--@include writes
--@include hold_record
--@include meant
--@include renew_facts
--@include ending
--@include ledger_end
--@include ledger_differs
--@include due
--@include taking
--@include product_fields
--@include refusing
--@include replaced_lines

-- So many revisions are counted up by one call.
local MOST_REVISIONS = 50

local lane, refused = open_lane(ARGV[1], true)
if not lane then
  return refused
end
local key, state = ARGV[2], ARGV[4]
local held_at, revision, lasts = whole(ARGV[3], 1, 999999999999999), whole(ARGV[5], 1, 999999999999999),
  whole(ARGV[6], 0, 999999999999999)
if not held_at then
  return {'BAD_ARGUMENT', 'held_at'}
end
if state ~= 'H' and state ~= 'C' and state ~= 'R' then
  return {'BAD_ARGUMENT', 'state'}
end
if not revision then
  return {'BAD_ARGUMENT', 'revision'}
end
if not lasts then
  return {'BAD_ARGUMENT', 'lasts'}
end
local cart = read_cart(key, ARGV[8], ARGV[9], {})
if not cart then
  return {'BAD_ARGUMENT', 'lines'}
end
local expires_at = held_at + lasts

local packed = redis.call('HGET', HOLDS, key)
local hold = packed and unpack_hold(key, packed)
if packed and not hold then
  return {'UNREADABLE'}
end
if not packed and is_lost(key) then
  -- Its units are counted as its own already.
  return {'LOST'}
end
if hold and hold.held_at ~= held_at then
  return {'KEY_REUSED'}
end

-- The receipt's state, or one that came after it.
local function is_there()
  if not hold or hold.revision < revision then
    return false
  end
  if state == 'H' then
    -- The same revision with an earlier deadline was put back by a rebuild, for its receipt to come.
    return hold.revision > revision or hold.state == 'C' or hold.state == 'R' or hold.expires_at >= expires_at
  end
  return hold.state == state
end

local function answer()
  local wanted = hold.state == state or (state == 'H' and hold.state == 'C')
  return shown(wanted and 'RECLAIMED' or 'ENDED', lane, hold)
end

-- What was told is done again, now.
local function again()
  end_hold(lane, hold, state, state == 'C' and 'confirmed' or 'released', state == 'C' and 'sold' or 'available', lane.now_ms)
  write()
end

if is_there() then
  return answer()
end
if hold and hold.state == 'H' and hold.revision < revision and hold.lines ~= cart.lines and state ~= 'R' then
  if is_due(lane, hold) then
    expire_hold(lane, hold)
    write()
  else
    -- A lost replacement.
    cart = read_cart(key, hold.customer, ARGV[9], units_in(hold.lines))
    local unreadable = read_policy(lane)
    if unreadable then
      return unreadable
    end
    local view = decide(lane, {cart})
    if not cart.granted then
      return refusal_of(lane, cart)
    end
    replace_lines(lane, hold, cart, view)
  end
end
if hold and hold.state == 'H' and state ~= 'H' then
  -- Its units are still held: what was told is done again, also at or after its deadline, because it was told before it.
  again()
  return answer()
end
if hold and hold.state == 'H' and hold.lines == cart.lines and lane.now_ms < expires_at then
  -- A lost extension; and as many revisions as were lost are counted, so that a late copy of the receipt undoes nothing that comes after it.
  local most = hold.revision + MOST_REVISIONS
  while hold.expires_at < expires_at or hold.revision < math.min(revision, most) do
    hold.expires_at = math.max(hold.expires_at, expires_at)
    renew_facts(hold)
    store(lane, hold, 'extended', lane.now_ms, hold.expires_at)
  end
  write()
  return answer()
end
if hold and hold.state ~= 'E' then
  -- Released or confirmed for good, or held with other lines: it has gone on otherwise since the loss, and stays as it is.
  return answer()
end
if hold and (state == 'R' or (state == 'H' and lane.now_ms >= expires_at)) then
  return answer()
end
-- A release of which Redis would remember nothing by now is looked for in the books only.
local is_over = lane.now_ms >= expires_at + (state == 'R' and lane.retention_ms or 0)
if state ~= 'C' and is_over then
  return {'TOO_LATE'}
end

-- A release needs its units to be free for as long as this step takes, and no limit counts for it.
local function is_free(view)
  weigh(lane, view, cart)
  return not (cart.unknown or cart.unreadable or cart.short)
end

local view
if state == 'R' then
  lane.policy = {customer_limit = 0}
  view = look({cart})
  if not is_free(view) and cart.short then
    local _, _, _, more_due = take_back_due(lane, 100, MOST_WORK)
    lane.more_due = more_due
    view = look({cart})
  end
  if not is_free(view) then
    if cart.short and not lane.more_due then
      return {'TOO_LATE'}
    end
    return refusal_of(lane, cart)
  end
  grant(view, cart)
else
  local unreadable = read_policy(lane)
  if unreadable then
    return unreadable
  end
  view = decide(lane, {cart})
  if not cart.granted then
    return refusal_of(lane, cart)
  end
end
hold = {
  key = key,
  state = 'H',
  revision = math.max(hold and hold.revision or 0, revision - (state == 'H' and 1 or 2)),
  seq = 0,
  ended_after = '0',
  held_at = held_at,
  expires_at = expires_at,
  fingerprint = ARGV[7],
  customer = ARGV[8],
  lines = cart.lines
}
renew_facts(hold)
store(lane, hold, 'reclaimed', lane.now_ms, expires_at)
write_counts(view)
write()
if state ~= 'H' then
  again()
end
return shown('RECLAIMED', lane, hold)
