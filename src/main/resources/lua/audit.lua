#!lua flags=no-writes
--[[
  Counts some SKUs and tells after which entry of the ledger that is, to be compared with PostgreSQL at the same entry.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 sku      the first; more may follow, 100 at most
  Replies
    COUNTED   seq of the lane's last entry; then capacity, available, held, sold, version of each SKU, as they are there, empty where not
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include in_parts

local MOST_SKUS = 100

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
if #ARGV < 2 or #ARGV > 1 + MOST_SKUS then
  return {'BAD_ARGUMENT', 'sku'}
end
local fields = {}
for at = 2, #ARGV do
  local sku, n = ARGV[at], #fields
  fields[n + 1] = sku .. '|capacity'
  fields[n + 2] = sku .. '|available'
  fields[n + 3] = sku .. '|held'
  fields[n + 4] = sku .. '|sold'
  fields[n + 5] = sku .. '|version'
end
local answer = {'COUNTED', digits(lane.seq)}
for i, count in ipairs(read_all(STOCK, fields)) do
  answer[i + 2] = count or ''
end
return answer
