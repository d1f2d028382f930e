#!lua
--[[
  Sets up a SKU: its counts once, its rules (own limit, product) whenever they are newer than those there are.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 sku
    3 rules_version
    4 capacity         units; counts only when the SKU is new
    5 customer_limit   units of this SKU per buyer, 0 for none
    6 product          its other SKUs are offered when this one is short; empty for none
  Replies
    APPLIED
    OUTDATED   rules_version   these or newer rules were there
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include whole

local lane, refused = open_lane(ARGV[1])
if not lane then
  return {refused}
end
local sku, product = ARGV[2], ARGV[6]
local rules_version = whole(ARGV[3], 1, 999999999999999)
local capacity = whole(ARGV[4], 0, 1000000000)
local limit = whole(ARGV[5], 0, 1000000000)
if not rules_version then
  return {'BAD_ARGUMENT', 'rules_version'}
end
if not capacity then
  return {'BAD_ARGUMENT', 'capacity'}
end
if not limit then
  return {'BAD_ARGUMENT', 'customer_limit'}
end

local there = redis.call('HMGET', STOCK, sku .. '|version', sku .. '|rules', sku .. '|product')
if there[2] and tonumber(there[2]) >= rules_version then
  return {'OUTDATED', there[2]}
end
local old_product = there[3] or ''

local function without(list, gone)
  local kept = {}
  for other in string.gmatch(list, '%S+') do
    if other ~= gone then
      kept[#kept + 1] = other
    end
  end
  return kept
end

-- Names are put in order here, once for each SKU, so that no reader has to.
local function with_in_order(list, sku)
  local names, placed = {}, false
  for other in string.gmatch(list, '%S+') do
    if not placed and sku < other then
      names[#names + 1] = sku
      placed = true
    end
    names[#names + 1] = other
  end
  if not placed then
    names[#names + 1] = sku
  end
  return table.concat(names, ' ')
end

if old_product ~= '' and old_product ~= product then
  local kept = without(redis.call('HGET', STOCK, '|product|' .. old_product) or '', sku)
  redis.call('HSET', STOCK, '|product|' .. old_product, table.concat(kept, ' '))
  redis.call('HDEL', STOCK, sku .. '|product')
end
if product ~= '' and old_product ~= product then
  local kept = without(redis.call('HGET', STOCK, '|product|' .. product) or '', sku)
  kept[#kept + 1] = sku
  redis.call('HSET', STOCK, '|product|' .. product, table.concat(kept, ' '), sku .. '|product', product)
end
redis.call('HSET', STOCK, sku .. '|rules', ARGV[3], sku .. '|limit', ARGV[5])
if not there[1] then
  redis.call('HSET', STOCK, sku .. '|capacity', ARGV[4], sku .. '|available', ARGV[4], sku .. '|held', '0',
    sku .. '|sold', '0', sku .. '|version', '1', '|skus', with_in_order(redis.call('HGET', STOCK, '|skus') or '', sku))
  append(lane, 'stock ' .. lane.now .. ' ' .. sku .. ' ' .. digits(capacity) .. ' 1')
end
return {'APPLIED'}
