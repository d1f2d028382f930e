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
    STALE_EPOCH
]]
--@include lane
--@include in_parts
--@include whole
--@include sale_settings
--@include newer

local sets, bad = sale_settings(ARGV[1], 1)
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
local there = redis.call('HMGET', SALE, 'restoring', 'retention_ms', 'lag_ms')
retention_ms = math.max(retention_ms, tonumber(there[2]) or 0)
if there[1] ~= ARGV[1] then
  -- Entries of no epoch of ours, or of one that PostgreSQL has forgotten, may be later than this one: nothing could be appended behind them.
  local first, last = ARGV[1] .. '-0', '0-0'
  local info = redis.call('EXISTS', LEDGER) == 1 and redis.call('XINFO', 'STREAM', LEDGER) or {}
  for i = 1, #info, 2 do
    last = info[i] == 'last-generated-id' and info[i + 1] or last
  end
  -- A repetition may find the first entry there, and nothing else done.
  if last ~= first then
    if tonumber(string.match(last, '^%d+')) >= tonumber(ARGV[1]) then
      redis.call('UNLINK', LEDGER)
    end
    redis.call('XADD', LEDGER, first, 'e', 'epoch')
  end
  -- The deadlines that come back are by the lane's time: it goes on as it was.
  local time = redis.call('HMGET', SALE, 'lag_ms', 'seen_ms', 'doubt', 'lag_until', 'longest_ms')
  redis.call('UNLINK', SALE, STOCK, BUYERS, HOLDS, DUE)
  if time[1] then
    redis.call('HSET', SALE, 'lag_ms', time[1], 'seen_ms', time[2], 'doubt', time[3], 'lag_until', time[4])
  end
  redis.call('HSET', SALE, 'longest_ms', digits(math.max(tonumber(time[5]) or 0, ARGV[7])))
  write_all('HSET', SALE, add_all({'sealed', ARGV[1], 'restoring', ARGV[1], 'recorded_seq', '0', 'seq', '0', 'retention_ms',
    digits(retention_ms)}, sets))
end
return {'CLEARED', digits(redis_clock_ms() - (there[3] or 0) + ARGV[9] - retention_ms)}
