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
    1 epoch
    2 key
    3 held_at       ms, of the reservation that is meant; 0 for the newest of its key
    4 line          sku, quantity; repeated
  Replies
    REPLACED       now_ms, recorded, packed hold
    ENDED          now_ms, recorded, packed hold   it is not held any more
    NOT_FOUND
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
]]
--@include lane
--@include hold_record
--@include buyers
--@include ending
--@include taking

local lane, refused = open_lane(ARGV[1])
if not lane then
  return {refused}
end
local skus, quantities = read_lines(4)
if not skus then
  return {'BAD_ARGUMENT', 'line'}
end
local hold = meant_hold(ARGV[2], ARGV[3])
if not hold then
  return {'NOT_FOUND'}
end
if is_due(lane, hold) then
  expire_hold(lane, hold)
end
if hold.state ~= 'H' then
  return shown('ENDED', lane, hold)
end
local lines = joined(skus, quantities)
if lines == hold.lines then
  return shown('REPLACED', lane, hold)
end
local own, grows = {}, false
for sku, quantity in each_line(hold.lines) do
  own[sku] = tonumber(quantity)
end
for i, sku in ipairs(skus) do
  grows = grows or quantities[i] > (own[sku] or 0)
end
-- Giving units back is always possible.
local refusal = grows and refusal_by_window(lane)
if refusal then
  return refusal
end
local seen
seen, refusal = decide(lane, hold.customer, skus, quantities, own)
if not seen then
  return refusal
end

-- What the new cart no longer has goes back first; then every line takes the difference to what the cart had of it.
local wanted, gone_skus, gone_fields = {}, {}, {}
for _, sku in ipairs(skus) do
  wanted[sku] = true
end
for sku in pairs(own) do
  if not wanted[sku] then
    gone_skus[#gone_skus + 1] = sku
    gone_fields[#gone_fields + 1] = sku .. '|available'
    gone_fields[#gone_fields + 1] = sku .. '|held'
  end
end
local gone_counts = #gone_skus > 0 and redis.call('HMGET', STOCK, unpack(gone_fields)) or {}
local gone_lines = {}
local stock_sets, buyer_sets, units = {}, {}, 0
for i, sku in ipairs(gone_skus) do
  stock_sets[#stock_sets + 1] = sku .. '|available'
  stock_sets[#stock_sets + 1] = gone_counts[i * 2 - 1] + own[sku]
  stock_sets[#stock_sets + 1] = sku .. '|held'
  stock_sets[#stock_sets + 1] = gone_counts[i * 2] - own[sku]
  gone_lines[i] = sku .. ' ' .. own[sku]
end
for i, sku in ipairs(skus) do
  local more = quantities[i] - (own[sku] or 0)
  stock_sets[#stock_sets + 1] = sku .. '|available'
  stock_sets[#stock_sets + 1] = seen.available[i] - more
  stock_sets[#stock_sets + 1] = sku .. '|held'
  stock_sets[#stock_sets + 1] = seen.held[i] + more
  buyer_sets[#buyer_sets + 1] = hold.customer .. '|' .. sku
  buyer_sets[#buyer_sets + 1] = seen.taken[i] + more
  units = units + more
end
buyer_sets[#buyer_sets + 1] = hold.customer
buyer_sets[#buyer_sets + 1] = seen.taken_in_all + units
redis.call('HSET', STOCK, unpack(stock_sets))
redis.call('HSET', BUYERS, unpack(buyer_sets))
-- Last, because it takes the gone lines off the buyer's total that was written just now.
if #gone_lines > 0 then
  give_back_allowance(hold.customer, table.concat(gone_lines, ' '))
end

local previous_lines = hold.lines
hold.lines = lines
hold.revision = hold.revision + 1
store(lane, hold, 'replaced', lane.now_ms, previous_lines)
return shown('REPLACED', lane, hold)
