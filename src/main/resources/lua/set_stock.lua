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
    2 sku              the first; these six are repeated, for 20 SKUs at most
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
    LEDGER_DIFFERS seq, ledger_seq   of the lane's last entry and of the stream's: a script failed in the middle, or somebody else wrote
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include whole
--@include in_parts
--@include product_fields
--@include product_pages
--@include ledger_end
--@include ledger_differs

local MOST_SKUS = 20

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
for i, value in ipairs(read_all(STOCK, fields)) do
  there[fields[i]] = value
end

-- What is to be written: the last value of each field. Who comes later in the call sees it in `there`.
local sets, new_skus, entries = {}, 0, {}

local function set(field, value)
  there[field] = value
  sets[field] = value
end

local function move(sku, product)
  local page, old_product = product_in(there[sku .. '|product'])
  if old_product == product or (not old_product and product == '') then
    return
  end
  if old_product then
    local other, place = leave_product(old_product, page, sku)
    if other then
      set(other .. '|product', place)
    end
  end
  set(sku .. '|product', product ~= '' and join_product(product, sku) or '')
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
  if rules and (count_in(rules) or 0) >= rules_version then
    return {'OUTDATED', rules}
  end
  move(sku, product)
  set(sku .. '|rules', ARGV[at + 1])
  set(sku .. '|limit', ARGV[at + 3])
  if not there[sku .. '|version'] then
    set(sku .. '|capacity', ARGV[at + 2])
    set(sku .. '|available', ARGV[at + 2])
    set(sku .. '|held', '0')
    set(sku .. '|sold', '0')
    set(sku .. '|version', '1')
    new_skus = new_skus + 1
    entries[#entries + 1] = 'stock ' .. lane.now .. ' ' .. sku .. ' ' .. digits(capacity) .. ' 1'
  end
  return {'APPLIED'}
end

local answers = {'DECIDED'}
for at = 2, #ARGV, 6 do
  answers[#answers + 1] = set_up(at)
end
if not next(sets) then
  return answers
end
local ledger_seq = #entries == 0 and ledger_differs(lane)
if ledger_seq then
  return {'LEDGER_DIFFERS', digits(lane.seq), ledger_seq}
end
write_products(set)
if new_skus > 0 then
  set('|skus', digits((count_in(redis.call('HGET', STOCK, '|skus')) or 0) + new_skus))
end
for _, entry in ipairs(entries) do
  append(lane, entry)
end
local values = {}
for field, value in pairs(sets) do
  add_all(values, {field, value})
end
write_all('HSET', STOCK, values)
finish(lane)
return answers
