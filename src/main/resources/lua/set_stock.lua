#!lua
--[[
  Sets up SKUs, each on its own: its counts once, its rules (own limit, product) whenever they are newer than those there are. They are
  set up in their order, one after the other, as if each had been a call of its own: the answer is one answer each.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 sku              the first; these six are repeated, for 50 SKUs at most
    3 rules_version
    4 capacity         units; counts only when the SKU is new
    5 customer_limit   units of this SKU per buyer, 0 for none
    6 product          its other SKUs are offered when this one is short; empty for none
    7 create           1 the SKU may be new, 0 its counts must be there
  Replies
    DECIDED    an array for each SKU:
    APPLIED
    OUTDATED   rules_version   these or newer rules were there
    UNKNOWN_SKU                its counts were lost: it must not come back with all of its units
    BAD_ARGUMENT name
    and instead of them all:
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include open_lane
--@include whole
--@include name_list

local MOST_SKUS = 50

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
if #ARGV == 1 or (#ARGV - 1) % 6 ~= 0 or #ARGV > 1 + 6 * MOST_SKUS then
  return {'BAD_ARGUMENT', 'sku'}
end

local fields, there = {}, {}
for at = 2, #ARGV, 6 do
  local n = #fields
  fields[n + 1] = ARGV[at] .. '|version'
  fields[n + 2] = ARGV[at] .. '|rules'
  fields[n + 3] = ARGV[at] .. '|product'
end
for i, value in ipairs(redis.call('HMGET', STOCK, unpack(fields))) do
  there[fields[i]] = value
end

-- What is to be written. Who comes later in the call sees it in `there`.
local sets, new_skus, entries, product_of, products = {}, {}, {}, {}, {}

local function set(field, value)
  there[field] = value
  sets[#sets + 1] = field
  sets[#sets + 1] = value
end

-- Which SKUs come to a product and leave it in this call.
local function moves_of(product)
  products[product] = products[product] or {come = {}, gone = {}}
  return products[product]
end

local function move(sku, from, to)
  if from ~= '' then
    local moves = moves_of(from)
    moves.gone[sku] = true
    for i, other in ipairs(moves.come) do
      if other == sku then
        table.remove(moves.come, i)
        break
      end
    end
  end
  if to ~= '' then
    local come = moves_of(to).come
    come[#come + 1] = sku
  end
  there[sku .. '|product'] = to
  product_of[sku] = to
end

local function set_up(at)
  local sku, product = ARGV[at], ARGV[at + 4]
  local rules_version = whole(ARGV[at + 1], 1, 999999999999999)
  local capacity = whole(ARGV[at + 2], 0, 1000000000)
  if not rules_version then
    return {'BAD_ARGUMENT', 'rules_version'}
  end
  if not capacity then
    return {'BAD_ARGUMENT', 'capacity'}
  end
  if not whole(ARGV[at + 3], 0, 1000000000) then
    return {'BAD_ARGUMENT', 'customer_limit'}
  end
  local create = whole(ARGV[at + 5], 0, 1)
  if not create then
    return {'BAD_ARGUMENT', 'create'}
  end
  if create == 0 and not there[sku .. '|version'] then
    return {'UNKNOWN_SKU'}
  end
  local rules = there[sku .. '|rules']
  if rules and (tonumber(rules) or 0) >= rules_version then
    return {'OUTDATED', rules}
  end
  local old_product = there[sku .. '|product'] or ''
  if old_product ~= product then
    move(sku, old_product, product)
  end
  set(sku .. '|rules', ARGV[at + 1])
  set(sku .. '|limit', ARGV[at + 3])
  if not there[sku .. '|version'] then
    set(sku .. '|capacity', ARGV[at + 2])
    set(sku .. '|available', ARGV[at + 2])
    set(sku .. '|held', '0')
    set(sku .. '|sold', '0')
    set(sku .. '|version', '1')
    new_skus[#new_skus + 1] = sku
    entries[#entries + 1] = 'stock ' .. lane.now .. ' ' .. sku .. ' ' .. digits(capacity) .. ' 1'
  end
  return {'APPLIED'}
end

-- The SKUs of a product after those who left and with those who came.
local function moved_list(list, moves)
  local kept = {list ~= '' and list or nil}
  if next(moves.gone) then
    kept = {}
    for sku in string.gmatch(list, '%S+') do
      if not moves.gone[sku] then
        kept[#kept + 1] = sku
      end
    end
  end
  for _, sku in ipairs(moves.come) do
    kept[#kept + 1] = sku
  end
  return table.concat(kept, ' ')
end

local answers = {'DECIDED'}
for at = 2, #ARGV, 6 do
  answers[#answers + 1] = set_up(at)
end
for _, entry in ipairs(entries) do
  append(lane, entry)
end
local product_gone = {}
for sku, product in pairs(product_of) do
  if product == '' then
    product_gone[#product_gone + 1] = sku .. '|product'
  else
    set(sku .. '|product', product)
  end
end
for product, moves in pairs(products) do
  local field = '|product|' .. product
  set(field, moved_list(redis.call('HGET', STOCK, field) or '', moves))
end
if #new_skus > 0 then
  set('|skus', merged(redis.call('HGET', STOCK, '|skus') or '', new_skus))
end
if #sets > 0 then
  redis.call('HSET', STOCK, unpack(sets))
end
if #product_gone > 0 then
  redis.call('HDEL', STOCK, unpack(product_gone))
end
finish(lane)
return answers
