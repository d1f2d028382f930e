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
    2 sku              of the first; these eleven are repeated, for 200 at most, in the order of their names
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
  Replies
    RESTORED
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include whole
--@include restoring

local refused = refusal_unless_restoring()
if refused then
  return refused
end
if #ARGV > 2201 then
  return {'BAD_ARGUMENT', 'sku'}
end
local sets, names, lists, pending_skus = {}, {}, {}, 0
local function set(field, value)
  sets[#sets + 1] = field
  sets[#sets + 1] = value
end
for at = 2, #ARGV, 11 do
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
    names[#names + 1] = sku
    set(sku .. '|capacity', ARGV[at + 1])
    set(sku .. '|available', ARGV[at + 2])
    set(sku .. '|held', ARGV[at + 3])
    set(sku .. '|sold', ARGV[at + 4])
    set(sku .. '|version', ARGV[at + 5])
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
    if product ~= '' then
      set(sku .. '|product', product)
      lists[product] = lists[product] or {}
      table.insert(lists[product], sku)
    end
  end
end
if #names == 0 then
  return {'RESTORED'}
end

local function append_to(field, more)
  local there = redis.call('HGET', STOCK, field)
  redis.call('HSET', STOCK, field, (there and there .. ' ' or '') .. table.concat(more, ' '))
end
redis.call('HSET', STOCK, unpack(sets))
append_to('|skus', names)
if pending_skus > 0 then
  redis.call('HINCRBY', SALE, 'pending', pending_skus)
end
for product, skus in pairs(lists) do
  append_to('|product|' .. product, skus)
end
return {'RESTORED'}
