#!lua
--[[
  Puts SKUs back into a lane that is being rebuilt, with their counts and rules. One that is there already stays as it is.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 sku              of the first; these twelve are repeated, for 200 at most, in the order of their names
    3 capacity         units, as all counts
    4 available
    5 held
    6 sold
    7 version          of the capacity
    8 rules_version
    9 customer_limit   units of this SKU per buyer, 0 for none
    10 product         its other SKUs are offered when this one is short; empty for none
    11 pending         units that go as holds end
    12 adjustment_no   of the last adjustment that is in the counts, 0 for none
    13 adjustments     the last that came into force, oldest first, as adjust.lua writes them; empty for none
  Replies
    RESTORED
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include whole
--@include in_parts
--@include product_fields
--@include product_pages
--@include restoring

local refused = refusal_unless_restoring()
if refused then
  return refused
end
if #ARGV > 2401 then
  return {'BAD_ARGUMENT', 'sku'}
end
-- What makes a SKU be there is written last and at once: a repetition then finds all of it there, or nothing.
local sets, last, new_skus, pending_skus = {}, {}, 0, 0
local function set(field, value)
  add_all(sets, {field, value})
end
local function set_last(field, value)
  add_all(last, {field, value})
end
for at = 2, #ARGV, 12 do
  local sku, product = ARGV[at], ARGV[at + 8]
  local capacity, available, held, sold = whole(ARGV[at + 1], 0, 999999999999), whole(ARGV[at + 2], 0, 999999999999),
    whole(ARGV[at + 3], 0, 999999999999), whole(ARGV[at + 4], 0, 999999999999)
  if not (capacity and available and held and sold) or available + held + sold ~= capacity then
    return {'BAD_ARGUMENT', 'capacity'}
  end
  if not whole(ARGV[at + 5], 1, 999999999999999) or not whole(ARGV[at + 6], 1, 999999999999999) then
    return {'BAD_ARGUMENT', 'version'}
  end
  if not whole(ARGV[at + 7], 0, 1000000000) then
    return {'BAD_ARGUMENT', 'customer_limit'}
  end
  local pending, adjustment_no = whole(ARGV[at + 9], 0, 999999999999), whole(ARGV[at + 10], 0, 999999999999999)
  if not pending or not adjustment_no then
    return {'BAD_ARGUMENT', 'pending'}
  end
  if redis.call('HEXISTS', STOCK, sku .. '|version') == 0 then
    new_skus = new_skus + 1
    set(sku .. '|capacity', ARGV[at + 1])
    set(sku .. '|available', ARGV[at + 2])
    set(sku .. '|held', ARGV[at + 3])
    set(sku .. '|sold', ARGV[at + 4])
    set_last(sku .. '|version', ARGV[at + 5])
    set(sku .. '|rules', ARGV[at + 6])
    set(sku .. '|limit', ARGV[at + 7])
    if pending > 0 then
      set(sku .. '|pending', ARGV[at + 9])
      pending_skus = pending_skus + 1
    end
    if adjustment_no > 0 then
      -- Whoever sends it again is told that it was done.
      set(sku .. '|adjustment', ARGV[at + 10] .. ' ADJUSTED ' .. ARGV[at + 9])
    end
    if ARGV[at + 11] ~= '' then
      set(sku .. '|adjustments', ARGV[at + 11])
    end
    set(sku .. '|product', product ~= '' and join_product(product, sku) or '')
  end
end
local there = redis.call('HMGET', STOCK, '|skus', '|pending')
pending_skus = pending_skus + (there[2] or 0)
if new_skus > 0 then
  write_products(set_last)
  set_last('|skus', digits((there[1] or 0) + new_skus))
  if pending_skus > 0 then
    set_last('|pending', digits(pending_skus))
  end
  write_all('HSET', STOCK, sets)
  write_all('HSET', STOCK, last)
end
if pending_skus > 0 then
  redis.call('HSET', SALE, 'pending', digits(pending_skus))
end
return {'RESTORED'}
