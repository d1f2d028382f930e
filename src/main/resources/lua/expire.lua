#!lua flags=allow-oom
--[[
  Takes back holds that are due, and drops reservations whose retention is over and whose end is recorded.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 most           entries to look at, 1 to 100
    3 retention_ms   how long what ends from now on stays, a day to a year; the longest that was ever told counts; may be empty or left out
    4 key            of a reservation that is looked at whether it is in `due` or not; may be empty or left out
    5 slip           a token and ms: by how much Redis's clock went off a node's in small steps, which the lane has taken over and now gives
                     back, once for each token; may be left out
  Replies
    SWEPT     looked_at, expired, dropped, next_in_ms, mended, lost; then the keys of those that cannot be read or were lost
              expired: holds that ended by this call, the one that a key names, too
              mended: entries of `due` that were missing and were made again since this was told last; 0 where a key is named
              lost: so many more entries `due` has than there are reservations
              next_in_ms: when the next entry of `due` is due, 0 for now, -1 where there is none
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
--@include whole

-- The time of the lane goes back: nobody was told that a hold is over by the time that is taken back, because all that were have ended.
local function give_back(lane, token, ms)
  -- Written together with the lag.
  lane.slip, lane.latest_deadline = token, lane.latest_deadline or 0
  lane.lag_ms, lane.now_ms = lane.lag_ms + ms, lane.now_ms - ms
  lane.now = digits(lane.now_ms)
  if lane.doubt then
    local word, since, lag_before = string.match(lane.doubt, '^(%a+) (%d+) (%-?%d+)$')
    lane.doubt = word .. ' ' .. since .. ' ' .. digits(lag_before + ms)
  end
end

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local most = whole(ARGV[2], 1, 100)
if not most then
  return {'BAD_ARGUMENT', 'most'}
end
if ARGV[3] and ARGV[3] ~= '' then
  local retention_ms = whole(ARGV[3], RETENTION_MS, 31536000000)
  if not retention_ms then
    return {'BAD_ARGUMENT', 'retention_ms'}
  end
  -- Nodes with different settings would else write in turns; and what was promised longer stays longer.
  if retention_ms > lane.retention_ms and not ledger_differs(lane) then
    redis.call('HSET', SALE, 'retention_ms', ARGV[3])
    lane.retention_ms = retention_ms
  end
end
local slip_token, slip_ms = string.match(ARGV[5] or '', '^(%w+) (%-?%d+)$')
if ARGV[5] and not slip_token then
  return {'BAD_ARGUMENT', 'slip'}
end
local key = ARGV[4] ~= '' and ARGV[4]
local named = key and redis.call('HGET', HOLDS, key)
local hold = named and unpack_hold(key, named)
local named_expired = 0
if hold and is_due(lane, hold) then
  expire_hold(lane, hold)
  write()
  named_expired = 1
end
local looked_at, expired, dropped, more_due, unreadable, incomplete = take_back_due(lane, most, MOST_WORK)
-- Not while holds that are over wait for the next call: the time of the lane may go back by the lag, and they would be held again.
if lane.lag_ms ~= 0 and not more_due and lane.now_ms >= (count_in(redis.call('HGET', SALE, 'lag_until')) or lane.now_ms + 1) then
  lane.lag_ms, lane.doubt = 0, false
end
if slip_token and not more_due and redis.call('HGET', SALE, 'slip') ~= slip_token and not ledger_differs(lane) then
  give_back(lane, slip_token, tonumber(slip_ms))
end
finish(lane)
local first = redis.call('ZRANGE', DUE, 0, 0, 'WITHSCORES')
local next_in_ms = incomplete and 0 or first[2] and math.max(0, tonumber(first[2]) - lane.now_ms) or -1
-- Told to sweeps alone.
local mended = not key and redis.call('HGET', SALE, 'due_mended')
if mended and not ledger_differs(lane) then
  redis.call('HDEL', SALE, 'due_mended')
end
local lost = math.max(0, redis.call('ZCARD', DUE) - redis.call('HLEN', HOLDS))
return add_all({'SWEPT', digits(looked_at), digits(expired + named_expired), digits(dropped), digits(next_in_ms), digits(count_in(mended) or 0),
  digits(lost)}, unreadable)
