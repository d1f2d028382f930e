#!lua
--[[
  Replaces the lines of a held cart in one step. Its own units count as free; a refusal leaves it as it was.
  A cart that only shrinks is never refused: pause, window and limits are for what grows.

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
    4 lines         sku quantity, all with one space between them
  Replies
    REPLACED       now_ms, recorded, packed hold
    ENDED          now_ms, recorded, packed hold   it is not held any more
    NOT_FOUND
    UNREADABLE     sku, ...   whose counts cannot be read; none: there is a value under its key that is no reservation
    OUT_OF_STOCK   now_ms, first_due_ms, count; then sku, requested, available, held for each short SKU; then sku, available for each alternative
    PURCHASE_LIMIT limit, taken; sku if it is that SKU's limit
    UNKNOWN_SKU    sku, ...
    SALE_NOT_OPEN  now_ms, opens_at_ms
    SALE_PAUSED
    SALE_CLOSED
    MORE_DUE       100 due holds were taken back, more wait: call again
    BAD_ARGUMENT   name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include open_lane
--@include policy
--@include whole
--@include writes
--@include hold_record
--@include meant_hold
--@include ending
--@include due
--@include taking

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local hold, none = meant_hold(ARGV[2], ARGV[3])
if not hold then
  return none
end
local own = {}
for sku, quantity in string.gmatch(hold.lines, '(%S+) (%d+)') do
  own[sku] = tonumber(quantity)
end
local cart = read_cart(hold.key, hold.customer, ARGV[4], own)
if not cart then
  return {'BAD_ARGUMENT', 'lines'}
end
if is_due(lane, hold) then
  expire_hold(lane, hold)
  write()
end
if hold.state ~= 'H' then
  return shown('ENDED', lane, hold)
end
if cart.lines == hold.lines then
  return shown('REPLACED', lane, hold)
end
local grows = false
for i, sku in ipairs(cart.skus) do
  grows = grows or cart.quantities[i] > (own[sku] or 0)
end
-- Giving units back is always possible.
local refusal = read_policy(lane) or grows and refusal_by_window(lane)
if refusal then
  return refusal
end
local view = decide(lane, {cart})
if not cart.granted then
  return refusal_of(lane, cart)
end

local previous_lines = hold.lines
hold.lines = cart.lines
renew_facts(hold)
store(lane, hold, 'replaced', lane.now_ms, hold.expires_at, previous_lines)
write_counts(view)
local wanted = {}
for _, sku in ipairs(cart.skus) do
  wanted[sku] = true
end
for sku, quantity in pairs(own) do
  if not wanted[sku] then
    move_units(hold.customer, sku, quantity, 'available')
  end
end
-- After the counts: the gone lines are taken off the buyer's total that was written just now.
write()
return shown('REPLACED', lane, hold)
