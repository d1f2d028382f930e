#!lua
--[[
  Tells a lane that is being rebuilt what its buyers hold or have bought.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 customer   the first; these two are repeated, for 200 at most
    3 units      sku units, all with one space between them
  Replies
    RESTORED
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include in_parts
--@include restoring

local refused = refusal_unless_restoring()
if refused then
  return refused
end
if #ARGV > 401 then
  return {'BAD_ARGUMENT', 'customer'}
end
-- As units_of in include/writes.lua reads it.
local sets = {}
local function set(field, value)
  sets[#sets + 1] = field
  sets[#sets + 1] = value
end
for at = 2, #ARGV, 2 do
  local customer, total, first, only = ARGV[at], 0, nil, true
  for sku, units in string.gmatch(ARGV[at + 1], '(%S+) (%d+)') do
    total = total + units
    only = not first
    first = first or sku
  end
  if not first then
    return {'BAD_ARGUMENT', 'units'}
  end
  set(customer, only and digits(total) .. ' ' .. first or digits(total))
  if not only then
    for sku, units in string.gmatch(ARGV[at + 1], '(%S+) (%d+)') do
      set(customer .. '|' .. sku, units)
    end
  end
end
write_all('HSET', BUYERS, sets)
return {'RESTORED'}
