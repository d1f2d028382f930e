#!lua flags=allow-oom
--[[
  Opens a lane that has been rebuilt, where all is there that should be. Its counts were read back and compared before. Its new ledger
  begins with a mark and with the sale's policy.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 holds     so many there must be
    3 buyers    so many fields there must be
  Replies
    OPENED
    DIFFERS   name, found
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include restoring

-- The answer to the first attempt may have been lost.
if redis.call('HGET', SALE, 'epoch') == ARGV[1] then
  return {'OPENED'}
end
local refused = refusal_unless_restoring()
if refused then
  return refused
end
local found = {
  {'holds', redis.call('HLEN', HOLDS), ARGV[2]},
  {'due', redis.call('ZCARD', DUE), ARGV[2]},
  {'buyers', redis.call('HLEN', BUYERS), ARGV[3]}
}
for _, count in ipairs(found) do
  if digits(count[2]) ~= count[3] then
    return {'DIFFERS', count[1], digits(count[2])}
  end
end

local settings = redis.call('HMGET', SALE, 'version', 'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit',
  'offset_ms')
local lane, redis_ms = {epoch = ARGV[1], seq = 0}, redis_clock_ms()
local now = digits(redis_ms - (redis.call('HGET', SALE, 'lag_ms') or 0) + settings[8])
append(lane, 'rebuilt ' .. now .. ' ' .. ARGV[2])
-- As set_sale.lua writes it.
append(lane, 'sale ' .. now .. ' ' .. table.concat(settings, ' '))
redis.call('HDEL', SALE, 'sealed', 'restoring')
-- Last: with its epoch the lane can be called.
redis.call('HSET', SALE, 'seq', digits(lane.seq), 'epoch', ARGV[1])
return {'OPENED'}
