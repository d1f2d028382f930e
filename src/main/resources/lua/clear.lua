#!lua flags=allow-oom
--[[
  Begins a new epoch of a lane that is to be rebuilt: with the sale's policy, window, state and clock, and nothing else. It stays sealed
  until all else is restored. What another life left behind is gone, but for its ledger.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 epoch
    2 version
    3 state            open, paused or closed, as the admin set it
    4 opens_at_ms
    5 closes_at_ms     0 for never
    6 hold_ms
    7 max_hold_ms
    8 customer_limit   units per buyer over all SKUs, 0 for none
    9 offset_ms        added to Redis's clock
    10 retention_ms    how long what has ended stays, a day to a year; where the lane had a longer time, that counts
  Replies
    CLEARED   remembered_from_ms   reservations that ended before are not kept
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
]]
--@include lane
--@include whole
--@include sale_settings
--@include newer

local sets, bad = sale_settings(1)
if not sets then
  return {'BAD_ARGUMENT', bad}
end
local retention_ms = whole(ARGV[10], RETENTION_MS, 31536000000)
if not retention_ms then
  return {'BAD_ARGUMENT', 'retention_ms'}
end
if not is_newer(ARGV[1]) then
  return {'STALE_EPOCH'}
end
-- A repetition may come when something has been restored already.
local there = redis.call('HMGET', SALE, 'restoring', 'retention_ms')
retention_ms = math.max(retention_ms, tonumber(there[2]) or 0)
if there[1] ~= ARGV[1] then
  -- Entries of no epoch of ours, or of one that PostgreSQL has forgotten, may be later than this one: nothing could be appended behind them.
  local last = redis.call('EXISTS', LEDGER) == 1 and redis.call('XINFO', 'STREAM', LEDGER) or {}
  for i = 1, #last, 2 do
    if last[i] == 'last-generated-id' and tonumber(string.match(last[i + 1], '^%d+')) >= tonumber(ARGV[1]) then
      redis.call('UNLINK', LEDGER)
    end
  end
  redis.call('XADD', LEDGER, ARGV[1] .. '-0', 'e', 'epoch')
  redis.call('UNLINK', SALE, STOCK, BUYERS, HOLDS, DUE)
  redis.call('HSET', SALE, 'sealed', ARGV[1], 'restoring', ARGV[1], 'recorded_seq', '0', 'retention_ms', digits(retention_ms),
    unpack(sets))
end
local time = redis.call('TIME')
return {'CLEARED', digits(time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[9] - retention_ms)}
