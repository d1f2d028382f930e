-- Takes back at most `most` entries that are due: holds give up their units, reservations past their retention leave Redis.
-- Returns how many entries were looked at and how many of them were holds, how many left, and the keys of those that cannot be read.
-- What `due` says is not believed where the hold says otherwise: a hold does not end before its own deadline.
local function take_back_due(lane, most)
  local due = redis.call('ZRANGE', DUE, '-inf', lane.now, 'BYSCORE', 'LIMIT', 0, most)
  if #due == 0 then
    return 0, 0, 0, {}
  end
  local packed = redis.call('HMGET', HOLDS, unpack(due))
  local expired, dropped, later, unreadable = 0, {}, {}, {}
  local function look_again(key, at_ms)
    later[#later + 1] = digits(at_ms)
    later[#later + 1] = key
  end
  for i, key in ipairs(due) do
    local hold = packed[i] and unpack_hold(key, packed[i])
    if not packed[i] then
      dropped[#dropped + 1] = key
    elseif not hold then
      -- It stays where it is until somebody mends it, and gives way to those behind it.
      unreadable[#unreadable + 1] = key
      look_again(key, lane.now_ms + 60000)
    elseif is_due(lane, hold) then
      expire_hold(lane, hold)
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
  end
  write()
  if #later > 0 then
    redis.call('ZADD', DUE, unpack(later))
  end
  if #dropped > 0 then
    redis.call('HDEL', HOLDS, unpack(dropped))
    redis.call('ZREM', DUE, unpack(dropped))
  end
  return #due, expired, #dropped, unreadable
end
