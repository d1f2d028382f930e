-- Two readings of Redis's clock that are further apart than this are believed only where a node's monotonic clock agrees.
local STEP_MS = 1000

-- How far the lane's time is behind Redis's clock.
--
-- Redis's clock can be set forward or back, and a promoted replica has another one. The time of a lane must not follow such a step, or
-- every hold would end early, or live on. It moves on by what Redis's clock moved since the lane's last call (seen_ms), if that is at
-- most STEP_MS, or if the caller's monotonic clock confirms it. A step that nobody confirms goes into the lag: the lane's time stands
-- still over it. `doubt` remembers where the first such step began and what the lag was before it, so that a later call that can
-- confirm it gives the time back.
--
-- evidence of a node: @expected:steady_from:watched_from:step, all in ms of Redis's clock:
--   expected      what Redis's clock should say now
--   steady_from   since then the node has seen no step
--   watched_from  before the step that it saw last, it had seen none since then
--   step          by how much Redis's clock was moved then
local function lane_time(redis_ms, seen_ms, lag_ms, doubt, evidence)
  local gap = redis_ms - seen_ms
  local expected, steady_from, watched_from, step = string.match(evidence, '^@(%d+):(%d+):(%d+):(%-?%d+)$')
  local agrees = expected and math.abs(redis_ms - expected) <= STEP_MS
  if gap < 0 and gap >= -STEP_MS then
    -- A clock that is slowed down, or two readings of one moment: the lane waits until it has caught up.
    redis_ms, gap = seen_ms, 0
  end
  if (gap < 0 or gap > STEP_MS) and not (agrees and tonumber(steady_from) <= seen_ms) then
    local claimed = doubt and string.find(doubt, ' claimed$')
    if not doubt or claimed then
      doubt = digits(seen_ms) .. ' ' .. digits(lag_ms)
    end
    lag_ms = lag_ms + gap
  end
  if doubt and agrees then
    local doubt_ms, lag_before = string.match(doubt, '^(%d+) (%-?%d+)')
    doubt_ms = tonumber(doubt_ms)
    if tonumber(steady_from) <= doubt_ms then
      lag_ms, doubt = tonumber(lag_before), false
    elseif tonumber(watched_from) <= doubt_ms and not string.find(doubt, ' claimed$') then
      lag_ms, doubt = lag_before + step, doubt .. ' claimed'
    end
  end
  return redis_ms, lag_ms, doubt
end

-- The lane of this call.
local open_now

-- Nil and the refusal where the lane may not be touched: no data here, data of another life of the lane, or less of it than the caller
-- knows of. `place` is epoch-known, and what the caller's clock says.
local function open_lane(place)
  local epoch, known, evidence = string.match(place, '^(%d+)%-(%d+)(.*)$')
  local f = redis.call('HMGET', SALE, 'epoch', 'seq', 'offset_ms', 'recorded_seq', 'pending', 'retention_ms', 'seen_ms', 'lag_ms', 'doubt')
  if f[1] ~= epoch then
    return nil, {f[1] and 'STALE_EPOCH' or 'NO_LANE'}
  end
  local seq = tonumber(f[2])
  if not seq or seq < tonumber(known) then
    return nil, {'BEHIND', f[2] or '0', known}
  end
  local redis_ms, lag_ms, doubt = redis_clock_ms(), tonumber(f[8] or 0), f[9]
  local seen_ms = tonumber(f[7]) or redis_ms
  local gap = redis_ms - seen_ms
  if evidence ~= '' and (gap < 0 or gap > STEP_MS or doubt) then
    redis_ms, lag_ms, doubt = lane_time(redis_ms, seen_ms, lag_ms, doubt, evidence)
  end
  local now_ms = redis_ms - lag_ms + f[3]
  open_now = {
    epoch = epoch,
    seq = seq,
    seq_there = seq,
    redis_ms = redis_ms,
    lag_ms = lag_ms,
    doubt = doubt,
    time_changed = lag_ms ~= tonumber(f[8] or 0) or doubt ~= f[9],
    now_ms = now_ms,
    now = digits(now_ms),
    recorded_seq = tonumber(f[4]),
    -- How many SKUs have capacity that is to go as holds end; hardly ever any.
    pending = f[5],
    retention_ms = tonumber(f[6]) or RETENTION_MS
  }
  return open_now
end

-- Writes down how far the lane is: the last write of a change. Where a script fails before it, `seq` stays below the ledger's last
-- entry, and the next entry is refused.
local function finish(lane)
  if lane.seq ~= lane.seq_there then
    redis.call('HSET', SALE, 'seq', digits(lane.seq), 'seen_ms', digits(lane.redis_ms))
    lane.seq_there = lane.seq
  end
  if lane.time_changed then
    redis.call('HSET', SALE, 'seen_ms', digits(lane.redis_ms), 'lag_ms', digits(lane.lag_ms))
    if lane.doubt then
      redis.call('HSET', SALE, 'doubt', lane.doubt)
    else
      redis.call('HDEL', SALE, 'doubt')
    end
    lane.time_changed = false
  end
end
