-- Two readings of Redis's clock that are further apart than this are believed only where a node's monotonic clock confirms it.
local STEP_MS = 1000

-- Redis's clock can be set forward or back, and a promoted replica has another one. The time of a lane must not follow such a step, or
-- its holds would end early or live on. So it moves on by what Redis's clock moved since the lane's last call (`seen_ms`) if that is at
-- most STEP_MS. A larger move, or one back, is taken over as far as a node confirms it: its monotonic clock tells by how much Redis's
-- clock was moved meanwhile, and that goes into the lag. Where no node can tell, the lane's time stands still over the whole move, and
-- `doubt` stays until a node comes that watched the clock all the time: `open`, since when, and the lag before. It becomes `told` where
-- that node saw the step: but its own clock may have been wrong, so a node that saw none still ends the doubt.
--
-- The evidence of a node, all in ms of Redis's clock: @expected:watched_from:step;step ... with a step as ended,began,by
--   expected       what Redis's clock should say now, if the node watched it well
--   watched_from   since then the node has watched
--   ended, began   Redis's clock was moved: before that it said at most `ended`, after it at least `began`
--   by             by how much it was moved
--
-- Returns how far the lane's time is behind Redis's clock, and the doubt that is left. A call pays for each function that it makes, and
-- hardly any call needs those inside: so only these few make them.
local function lane_lag(redis_ms, seen_ms, lag_ms, doubt, evidence)
  local function watched(redis_ms, evidence)
    local expected, watched_from, written_steps = string.match(evidence, '^@(%d+):(%d+):(.*)$')
    -- Else it has not seen what the clock did since, or this call waited for long.
    if not expected or math.abs(redis_ms - expected) > STEP_MS then
      return nil
    end
    local watch = {from = tonumber(watched_from), until_ms = math.max(redis_ms, tonumber(expected))}
    for ended, began, by in string.gmatch(written_steps, '(%d+),(%d+),(%-?%d+)') do
      watch[#watch + 1] = {ended = tonumber(ended), began = tonumber(began), by = tonumber(by)}
    end
    return watch
  end

  -- By how much Redis's clock was moved since it said `from_ms`; nil where the node cannot tell. A clock that was set back says the same
  -- twice: then the later moment is taken, so that rather too little time has passed than too much.
  local function moved_since(watch, from_ms)
    if not watch then
      return nil
    end
    local moved, until_ms = 0, watch.until_ms
    for i = #watch, 1, -1 do
      if from_ms >= watch[i].began and from_ms <= until_ms then
        return moved
      end
      moved, until_ms = moved + watch[i].by, watch[i].ended
    end
    return from_ms >= watch.from and from_ms <= until_ms and moved or nil
  end

  local watch = watched(redis_ms, evidence)
  local word, since, lag_before
  if doubt then
    word, since, lag_before = string.match(doubt, '^(%a+) (%d+) (%-?%d+)$')
    since, lag_before = tonumber(since), tonumber(lag_before)
  end
  local gap = redis_ms - seen_ms
  if gap < 0 or gap > STEP_MS then
    local told = moved_since(watch, seen_ms)
    local moved = told or gap
    if not word and moved ~= 0 then
      word, since, lag_before = told and 'told' or 'open', seen_ms, lag_ms
    elseif word and not told then
      word = 'open'
    end
    lag_ms = lag_ms + moved
  end
  local moved = word and moved_since(watch, since)
  if moved == 0 then
    return lag_before, false
  end
  if moved and word == 'open' then
    word, lag_ms = 'told', lag_before + moved
  end
  return lag_ms, lag_ms ~= 0 and word and word .. ' ' .. digits(since) .. ' ' .. digits(lag_before)
end

-- The lane of this call.
local open_now

-- Nil and the refusal where the lane may not be touched: no data here, data of another life of the lane, or less of it than the caller
-- knows of. `place` is epoch-known, and what the caller's clock says. `with_policy` where read_policy() is going to be called.
local function open_lane(place, with_policy)
  local epoch, known, evidence = string.match(place, '^(%d+)%-(%d+)(.*)$')
  -- A command costs more than the fields that it reads.
  local f = with_policy
      and redis.call('HMGET', SALE, 'epoch', 'seq', 'offset_ms', 'recorded_seq', 'pending', 'retention_ms', 'seen_ms', 'lag_ms', 'doubt',
        'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit')
    or redis.call('HMGET', SALE, 'epoch', 'seq', 'offset_ms', 'recorded_seq', 'pending', 'retention_ms', 'seen_ms', 'lag_ms', 'doubt')
  if f[1] ~= epoch then
    return nil, {f[1] and 'STALE_EPOCH' or 'NO_LANE'}
  end
  local seq, offset_ms, recorded_seq = count_in(f[2]), count_in(f[3]), count_in(f[4])
  if not (offset_ms and recorded_seq) then
    -- Without its clock and its cursor it is no lane: it has to be rebuilt.
    return nil, {'NO_LANE'}
  end
  if not seq or seq < tonumber(known) then
    return nil, {'BEHIND', f[2] or '0', known}
  end
  local redis_ms, mended = redis_clock_ms(), nil
  local seen_ms, lag_there, doubt_there = read_clock(f[7], f[8], f[9], offset_ms, redis_ms)
  if not seen_ms then
    -- Somebody changed what the lane noted of its clock. It goes on by Redis's clock, which was hardly ever moved. In a rehearsal it may be
    -- the offset that was changed: then nobody knows the time.
    if offset_ms ~= 0 then
      return nil, {'NO_LANE'}
    end
    mended = 'seen_ms ' .. (f[7] or '') .. ', lag_ms ' .. (f[8] or '') .. ', doubt ' .. (f[9] or '')
    seen_ms, lag_there, doubt_there = redis_ms, 0, false
  end
  local lag_ms, doubt = lag_there, doubt_there
  if redis_ms < seen_ms and redis_ms >= seen_ms - STEP_MS then
    -- A clock that is set back a little: the lane waits until it has caught up.
    redis_ms = seen_ms
  end
  if redis_ms < seen_ms or redis_ms > seen_ms + STEP_MS or doubt then
    lag_ms, doubt = lane_lag(redis_ms, seen_ms, lag_ms, doubt, evidence)
  end
  local now_ms = redis_ms - lag_ms + offset_ms
  open_now = {
    epoch = epoch,
    seq = seq,
    seq_there = seq,
    redis_ms = redis_ms,
    lag_ms = lag_ms,
    doubt = doubt,
    doubt_there = doubt_there,
    lag_there = lag_there,
    offset_ms = offset_ms,
    mended = mended,
    now_ms = now_ms,
    now = digits(now_ms),
    recorded_seq = recorded_seq,
    -- How many SKUs have capacity that is to go as holds end; hardly ever any.
    pending = f[5],
    retention_ms = count_in(f[6]) or RETENTION_MS,
    -- As Redis has it, until read_policy() has read it.
    policy = with_policy and f
  }
  return open_now
end

-- Somebody holds until then: the lag stays for at least as long.
local function held_until(lane, deadline)
  if lane.lag_ms ~= 0 then
    lane.latest_deadline = math.max(lane.latest_deadline or 0, deadline)
  end
end

-- Writes down how far the lane is: the last write of a change. Where a script fails before it, `seq` stays below the ledger's last
-- entry, and the next entry is refused.
local function finish(lane)
  if lane.lag_ms == lane.lag_there and lane.doubt == lane.doubt_there and not (lane.latest_deadline or lane.mended) then
    if lane.seq ~= lane.seq_there then
      redis.call('HSET', SALE, 'seq', string.format('%d', lane.seq), 'seen_ms', seen_text(lane.redis_ms, lane.lag_ms, lane.offset_ms, lane.doubt))
      lane.seq_there = lane.seq
    end
    return
  end
  if lane.mended then
    redis.call('HSET', SALE, 'clock_mended', lane.mended)
  end
  -- The lag and until when it stays: nobody's hold ends early if it is dropped when the last hold is over that was made before it began or
  -- under it. In one command with the reading of Redis's clock: where that is noted without the lag, a step of the clock would be taken
  -- over as time that passed.
  local f = redis.call('HMGET', SALE, 'lag_until', 'longest_ms', 'slip')
  local lag_until = lane.lag_there ~= 0 and count_in(f[1]) or lane.now_ms + (count_in(f[2]) or 31536000000)
  redis.call('HSET', SALE, 'seq', string.format('%d', lane.seq), 'seen_ms', seen_text(lane.redis_ms, lane.lag_ms, lane.offset_ms, lane.doubt),
    'lag_ms', digits(lane.lag_ms), 'doubt', lane.doubt or '', 'lag_until', digits(math.max(lag_until, lane.latest_deadline or 0)),
    'slip', lane.slip or f[3] or '')
  lane.lag_there, lane.doubt_there, lane.latest_deadline, lane.mended, lane.seq_there = lane.lag_ms, lane.doubt, nil, nil, lane.seq
end
