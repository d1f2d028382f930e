#!lua flags=allow-oom
--[[
  Counts SKUs, a step at a time, or the named one, after taking back what is due: a hold counts as expired from its deadline on. Each step
  tells how many entries the ledger had then: what came later can be added from there.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 cursor   0 for the first step, then as it was answered
    3 sku      only this one, empty for none; may be left out: some of all
  Replies
    COUNTED   seq, more, cursor; then sku, capacity, available, held, sold, version; repeated
              seq: of the lane's last entry; more: 1 where more entries may be due; cursor: of the next step, 0 where there is none
    UNREADABLE sku   the named one, which is there
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
--@include work
--@include writes
--@include hold_record
--@include ending
--@include ledger_end
--@include ledger_differs
--@include due
--@include counts

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
if not string.find(ARGV[2] or '', '^%d+$') or #ARGV[2] > 20 then
  return {'BAD_ARGUMENT', 'cursor'}
end
-- Less than elsewhere, because counting takes its time, too.
local _, _, _, more = take_back_due(lane, 100, MOST_WORK / 4)
local skus, cursor = {}, '0'
if not ARGV[3] then
  skus, cursor = some_skus(ARGV[2])
elseif ARGV[3] ~= '' then
  skus[1] = ARGV[3]
end
local counted, unreadable = add_counts({'COUNTED', digits(lane.seq), more and '1' or '0', cursor}, skus)
-- In a step of all, those that can be read are told: an audit finds the others.
if ARGV[3] and ARGV[3] ~= '' and unreadable[1] then
  return {'UNREADABLE', unreadable[1]}
end
return counted
