#!lua
--[[
  Sets the lines of a cart aside for one buyer, all or none.

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
    3 customer
    4 fingerprint   of the canonical request
    5 hold_ms       0 for the sale's own
    6 line          sku, quantity; repeated
  Replies
    HELD           now_ms, recorded, packed hold
    REPLAYED       now_ms, recorded, packed hold   the same request came before
    KEY_REUSED                                     another request had this key
    OUT_OF_STOCK   now_ms, first_due_ms, count; then sku, requested, available, held for each short SKU; then sku, available for each alternative
    PURCHASE_LIMIT limit, taken; sku if it is that SKU's limit
    UNKNOWN_SKU    sku, ...
    HOLD_TOO_LONG  max_hold_ms
    SALE_NOT_OPEN  now_ms, opens_at_ms
    SALE_PAUSED
    SALE_CLOSED
    LEDGER_FULL                                    PostgreSQL is too far behind
    MORE_DUE       100 due holds were taken back, more wait: call again
    BAD_ARGUMENT   name
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include hold_record
--@include buyers
--@include ending
--@include taking

-- Some 500 MB of history that PostgreSQL does not have yet: memory is left for what must still pass, the ends of the holds there are.
local LEDGER_MOST = 5000000

local lane, refused = open_lane(ARGV[1])
if not lane then
  return {refused}
end
local key, customer, fingerprint = ARGV[2], ARGV[3], ARGV[4]
local hold_ms = whole(ARGV[5], 0, 31536000000)
local skus, quantities = read_lines(6)
if not hold_ms then
  return {'BAD_ARGUMENT', 'hold_ms'}
end
if not skus then
  return {'BAD_ARGUMENT', 'line'}
end

-- A retry must answer as the first attempt did, whatever became of the sale since, or a lost reply would hold twice.
local known = redis.call('HGET', HOLDS, key)
if known then
  local hold = unpack_hold(key, known)
  if hold.fingerprint ~= fingerprint then
    return {'KEY_REUSED'}
  end
  if is_due(lane, hold) then
    expire_hold(lane, hold)
  end
  return shown('REPLAYED', lane, hold)
end

local refusal = refusal_by_window(lane)
if refusal then
  return refusal
end
if redis.call('XLEN', LEDGER) >= LEDGER_MOST then
  return {'LEDGER_FULL'}
end
if hold_ms == 0 then
  hold_ms = lane.hold_ms
elseif hold_ms > lane.max_hold_ms then
  return {'HOLD_TOO_LONG', tostring(lane.max_hold_ms)}
end
local seen
seen, refusal = decide(lane, customer, skus, quantities, {})
if not seen then
  return refusal
end

local stock_sets, buyer_sets, units = {}, {}, 0
for i, sku in ipairs(skus) do
  local n = (i - 1) * 4
  stock_sets[n + 1] = sku .. '|available'
  stock_sets[n + 2] = seen.available[i] - quantities[i]
  stock_sets[n + 3] = sku .. '|held'
  stock_sets[n + 4] = seen.held[i] + quantities[i]
  buyer_sets[#buyer_sets + 1] = customer .. '|' .. sku
  buyer_sets[#buyer_sets + 1] = seen.taken[i] + quantities[i]
  units = units + quantities[i]
end
buyer_sets[#buyer_sets + 1] = customer
buyer_sets[#buyer_sets + 1] = seen.taken_in_all + units
redis.call('HSET', STOCK, unpack(stock_sets))
redis.call('HSET', BUYERS, unpack(buyer_sets))

local hold = {
  id = key,
  state = 'H',
  revision = 1,
  held_at = lane.now_ms,
  expires_at = lane.now_ms + hold_ms,
  ended_at = 0,
  fingerprint = fingerprint,
  customer = customer,
  lines = joined(skus, quantities)
}
store(lane, hold, 'held', lane.now_ms)
return shown('HELD', lane, hold)
