#!lua flags=allow-oom
--[[
  Begins a new epoch of a lane that is to be rebuilt: with the sale's policy, window, state and clock, and nothing else. It stays sealed
  until all else is restored. What another life left behind is gone, but for its ledger; that goes, too, where no entry of this epoch could
  follow it, because somebody else wrote to it.

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
--@include count_in
--@include lane_clock
--@include in_parts
--@include whole
--@include sale_settings
--@include newer
--@include ledger_end

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
-- Writes the entry with which the epoch begins, behind all others. A later life of the lane would have told so in its sale's hash: what is
-- behind this epoch, and not its, is nobody's. Ids have more digits than Lua's numbers.
local function begin_ledger(epoch)
  local type, begin = redis.call('TYPE', LEDGER).ok, epoch .. '-0'
  if type == 'stream' then
    local _, _, id = ledger_end({epoch = epoch})
    if id == begin then
      -- The first attempt got as far as this.
      return
    end
    local last = string.match(id, '^%d+')
    if #last > #epoch or #last == #epoch and last >= epoch then
      redis.call('UNLINK', LEDGER)
    end
  elseif type ~= 'none' then
    redis.call('UNLINK', LEDGER)
  end
  redis.call('XADD', LEDGER, begin, 'e', 'epoch')
end

-- A repetition may come when something has been restored already.
local there = redis.call('HMGET', SALE, 'restoring', 'retention_ms')
retention_ms = math.max(retention_ms, count_in(there[2]) or 0)
if there[1] ~= ARGV[1] then
  begin_ledger(ARGV[1])
  -- The deadlines that come back are by the lane's time: it goes on as it was.
  local time = redis.call('HMGET', SALE, 'lag_ms', 'seen_ms', 'doubt', 'lag_until', 'longest_ms', 'offset_ms')
  redis.call('UNLINK', SALE, STOCK, BUYERS, HOLDS, DUE)
  local seen_ms, lag_ms, doubt = read_clock(time[2], time[1], time[3], count_in(time[6]) or 0, redis_clock_ms())
  if seen_ms and lag_ms ~= 0 and count_in(time[4]) then
    redis.call('HSET', SALE, 'lag_ms', time[1], 'seen_ms', seen_text(seen_ms, lag_ms, tonumber(ARGV[9]), doubt), 'doubt', doubt or '',
      'lag_until', time[4])
  end
  redis.call('HSET', SALE, 'longest_ms', digits(math.max(count_in(time[5]) or 0, ARGV[7])))
  write_all('HSET', SALE, add_all({'sealed', ARGV[1], 'restoring', ARGV[1], 'recorded_seq', '0', 'seq', '0', 'retention_ms',
    digits(retention_ms)}, sets))
end
local lag_ms = count_in(redis.call('HGET', SALE, 'lag_ms')) or 0
return {'CLEARED', digits(redis_clock_ms() - lag_ms + ARGV[9] - retention_ms)}
