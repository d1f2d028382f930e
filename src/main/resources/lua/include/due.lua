-- So many are read at a time: each may have 20 lines.
local READ_AT_ONCE = 25

-- So many reservations are looked at by one call that finds entries of `due` missing.
local MENDED_AT_ONCE = 25

-- Takes back at most `most` entries that are due, fewer where they have as many lines as `most_work` stands for: holds give up their units,
-- reservations past their retention leave Redis. Returns how many entries were looked at, how many of them were holds, how many left, whether
-- more may be due, the keys of those that cannot be read or were lost, and whether entries of `due` are still missing.
-- What `due` says is not believed where the hold says otherwise: a hold does not end before its own deadline.
local function take_back_due(lane, most, most_work)
  -- Each reservation has an entry in `due`. Where entries were lost, there are fewer of them than reservations: they are made again from the
  -- reservations, which say when they are due, some at each call. How many that were is noted for the next sweep, which tells of it. Returns
  -- whether it did so, and whether more may be missing.
  local function mend_due()
    if redis.call('HLEN', HOLDS) <= redis.call('ZCARD', DUE) or ledger_differs(lane) then
      return false, false
    end
    local there = redis.call('HMGET', SALE, 'due_cursor', 'due_mended')
    local cursor = there[1] and string.match(there[1], '^%d+$') or '0'
    local step = redis.call('HSCAN', HOLDS, #cursor > 20 and '0' or cursor, 'COUNT', digits(MENDED_AT_ONCE))
    local keys, values, entries = {}, {}, {}
    for i = 1, #step[2], 2 do
      keys[#keys + 1], values[#values + 1] = step[2][i], step[2][i + 1]
    end
    for i, score in ipairs(read_scores(DUE, keys)) do
      if not score then
        local state, ended_after, held_at, lasts = string.match(values[i], '^([HCRE]) %d+ %d+ (%-?%d+) (%d+) (%d+) ')
        held_at = count_in(held_at)
        local after = count_in(state == 'H' and lasts or ended_after)
        -- What cannot be read is looked at now, and then found to be so.
        entries[#entries + 1] = digits(held_at and after and held_at + after + (state == 'H' and 0 or lane.retention_ms) or lane.now_ms)
        entries[#entries + 1] = keys[i]
      end
    end
    write_all('ZADD', DUE, entries)
    local mended, more = digits((count_in(there[2]) or 0) + #entries / 2), step[1] ~= '0'
    if more then
      redis.call('HSET', SALE, 'due_cursor', step[1], 'due_mended', mended)
    else
      redis.call('HSET', SALE, 'due_mended', mended)
      redis.call('HDEL', SALE, 'due_cursor')
    end
    return true, more
  end

  local mended, incomplete = mend_due()
  if mended then
    -- That has taken its time, too.
    most_work = most_work / 2
  end
  local due = redis.call('ZRANGE', DUE, '-inf', lane.now, 'BYSCORE', 'LIMIT', 0, most)
  local looked_at, work, expired, dropped, later, unreadable = 0, 0, 0, {}, {}, {}
  local function look_again(key, at_ms)
    later[#later + 1] = digits(at_ms)
    later[#later + 1] = key
  end
  while looked_at < #due and work < most_work do
    local keys = some_of(due, looked_at + 1, READ_AT_ONCE)
    for i, packed in ipairs(read_all(HOLDS, keys)) do
      local key = keys[i]
      local hold = packed and unpack_hold(key, packed)
      if not hold then
        -- It stays where it is until somebody mends it or puts it back, and gives way to those behind it.
        unreadable[#unreadable + 1] = key
        look_again(key, lane.now_ms + 60000)
      elseif is_due(lane, hold) then
        work = work + work_of(expire_hold(lane, hold), #hold.lines)
        expired = expired + 1
      elseif hold.state == 'H' then
        look_again(key, hold.expires_at)
      elseif hold.seq > lane.recorded_seq then
        -- PostgreSQL does not have its end yet: Redis is still the only place where it can be read.
        look_again(key, lane.now_ms + 60000)
      elseif lane.now_ms < hold.held_at + hold.ended_after + RETENTION_MS then
        look_again(key, hold.held_at + hold.ended_after + RETENTION_MS)
      else
        dropped[#dropped + 1] = key
      end
      looked_at = looked_at + 1
      if work >= most_work then
        break
      end
    end
  end
  write()
  if expired == 0 and (later[1] or dropped[1]) and ledger_differs(lane) then
    return looked_at, 0, 0, incomplete, unreadable, incomplete
  end
  write_all('ZADD', DUE, later)
  -- First the entries: a reservation without one is given one again, and leaves with the next call.
  write_all('ZREM', DUE, dropped)
  write_all('HDEL', HOLDS, dropped)
  return looked_at, expired, #dropped, looked_at == most or looked_at < #due or incomplete, unreadable, incomplete
end
