#!lua
--[[
  Tells a lane that is being rebuilt what its buyers hold or have bought: some fields of the hash, as units_of reads them.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 field   customer, or customer|sku; these two are repeated, for 500 at most
    3 units   of a customer|sku; of a customer in all, and behind it the SKU where there is only one
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
if #ARGV < 3 or #ARGV > 1001 then
  return {'BAD_ARGUMENT', 'field'}
end
for at = 2, #ARGV, 2 do
  if not string.find(ARGV[at + 1], string.find(ARGV[at], '|', 1, true) and '^%d+$' or '^%d+ ?%S*$') then
    return {'BAD_ARGUMENT', 'units'}
  end
end
write_all('HSET', BUYERS, some_of(ARGV, 2, #ARGV - 1))
return {'RESTORED'}
