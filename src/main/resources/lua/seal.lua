#!lua flags=allow-oom
--[[
  Closes a lane that is to be rebuilt: from now on every call finds no lane, whatever epoch it names. What the lane has stays as it is.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch   that the lane is to get
  Replies
    SEALED
    BAD_ARGUMENT name
    STALE_EPOCH   it has this or a later one, or is to get a later one
]]
--@include lane
--@include whole
--@include newer

if not whole(ARGV[1], 1, 999999999999999) then
  return {'BAD_ARGUMENT', 'epoch'}
end
if not is_newer(ARGV[1]) then
  return {'STALE_EPOCH'}
end
if redis.call('TYPE', SALE).ok ~= 'hash' then
  redis.call('UNLINK', SALE)
end
-- Whose the data are, for who compares them with the books.
local was = redis.call('HGET', SALE, 'epoch')
if was then
  redis.call('HSET', SALE, 'sealed', ARGV[1], 'was', was)
else
  redis.call('HSET', SALE, 'sealed', ARGV[1])
end
redis.call('HDEL', SALE, 'epoch')
return {'SEALED'}
