#!lua flags=allow-oom
--[[
  Closes a lane that PostgreSQL does not let sell any more: from now on every call of this epoch finds no lane. What the lane has stays as it is.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
  Replies
    STOPPED
    NO_LANE       it was stopped before, or is not here
    STALE_EPOCH   it has another epoch
]]
--@include lane

local epoch = redis.call('HGET', SALE, 'epoch')
if not epoch then
  return {'NO_LANE'}
end
if epoch ~= ARGV[1] then
  return {'STALE_EPOCH'}
end
redis.call('HDEL', SALE, 'epoch')
-- As seal.lua leaves it, so that a rebuild goes on from here.
redis.call('HSET', SALE, 'sealed', epoch, 'was', epoch)
return {'STOPPED'}
