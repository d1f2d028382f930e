-- So many are read at a time: each may have 20 lines.
local READ_AT_ONCE = 25

-- Takes back at most `most` entries that are due, fewer where they have as many lines as `most_work` stands for: holds give up their units,
-- reservations past their retention leave Redis. Returns how many entries were looked at, how many of them were holds, how many left, whether
-- more may be due, and the keys of those that cannot be read.
-- What `due` says is not believed where the hold says otherwise: a hold does not end before its own deadline.
local function take_back_due(lane, most, most_work)
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
      if not packed then
        dropped[#dropped + 1] = key
      elseif not hold then
        -- It stays where it is until somebody mends it, and gives way to those behind it.
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
    return looked_at, 0, 0, false, unreadable
  end
  write_all('ZADD', DUE, later)
  -- First the holds: what is due and has none is dropped by the next call.
  write_all('HDEL', HOLDS, dropped)
  write_all('ZREM', DUE, dropped)
  return looked_at, expired, #dropped, looked_at == most or looked_at < #due, unreadable
end
