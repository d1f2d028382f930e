-- Takes back at most `most` entries that are due: holds give up their units, reservations past their retention leave Redis.
-- Returns how many entries were looked at and how many of them were holds, and how many left.
local function take_back_due(lane, most)
  local due = redis.call('ZRANGE', DUE, '-inf', lane.now, 'BYSCORE', 'LIMIT', 0, most)
  if #due == 0 then
    return 0, 0, 0
  end
  local packed = redis.call('HMGET', HOLDS, unpack(due))
  local expired, dropped, later = 0, {}, {}
  for i, key in ipairs(due) do
    local hold = packed[i] and unpack_hold(key, packed[i])
    if hold and hold.state == 'H' then
      expire_hold(lane, hold)
      expired = expired + 1
    elseif hold and hold.seq > lane.recorded_seq then
      -- PostgreSQL does not have its end yet: Redis is still the only place where it can be read.
      later[#later + 1] = digits(lane.now_ms + 60000)
      later[#later + 1] = key
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
  return #due, expired, #dropped
end
