#!lua flags=no-writes
--[[
  Tells where the lane's ledger ends, to be compared with the cursor in PostgreSQL: an earlier end means lost history.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
  Replies
    AT        seq of the last entry, length of the stream, recorded_seq as PostgreSQL told it last, life of that database
    LEDGER_DIFFERS seq, id   of the lane's last entry, of the stream's: a script failed in the middle, or somebody else wrote
    WRONG_TYPE key, type     a key of the lane is of another type: somebody else wrote it
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include types
--@include ledger_end

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local wrong, found = wrong_type()
if wrong then
  return {'WRONG_TYPE', KEYS[wrong], found}
end
local seq, length, id = ledger_end(lane)
if not id then
  return {'NO_LANE'}
end
if not seq or tonumber(seq) ~= lane.seq then
  return {'LEDGER_DIFFERS', digits(lane.seq), id}
end
return {'AT', seq, digits(length), digits(lane.recorded_seq), redis.call('HGET', SALE, 'life') or '0'}
