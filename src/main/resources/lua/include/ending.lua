-- Ends a hold: its units go from held to `target` ('sold' or 'available'), unsold ones back to the buyer's allowance too.
local function end_hold(lane, hold, state, op, target, ended_at)
  local fields, moved = {}, {}
  for sku, quantity in each_line(hold.lines) do
    fields[#fields + 1] = sku .. '|held'
    fields[#fields + 1] = sku .. '|' .. target
    moved[#fields - 1] = -quantity
    moved[#fields] = tonumber(quantity)
  end
  local counts = redis.call('HMGET', STOCK, unpack(fields))
  local sets = {}
  for i = 1, #fields do
    sets[#sets + 1] = fields[i]
    sets[#sets + 1] = counts[i] + moved[i]
  end

  redis.call('HSET', STOCK, unpack(sets))
  if target == 'available' then
    give_back_allowance(hold.customer, hold.lines)
  end
  hold.state = state
  hold.revision = hold.revision + 1
  hold.ended_at = ended_at
  store(lane, hold, op, lane.now_ms)
end

-- An expired reservation ended at its deadline, whenever that is noticed.
local function expire_hold(lane, hold)
  end_hold(lane, hold, 'E', 'expired', 'available', hold.expires_at)
end

-- Takes back at most `most` entries that are due: holds give up their units, reservations past their retention leave Redis.
-- Returns how many entries were looked at and how many of them were holds, and how many left.
local function take_back_due(lane, most)
  local due = redis.call('ZRANGE', DUE, '-inf', lane.now_ms, 'BYSCORE', 'LIMIT', 0, most)
  if #due == 0 then
    return 0, 0, 0
  end
  local packed = redis.call('HMGET', HOLDS, unpack(due))
  local expired, dropped = 0, 0
  for i, id in ipairs(due) do
    if not packed[i] then
      redis.call('ZREM', DUE, id)
    else
      local hold = unpack_hold(id, packed[i])
      if hold.state == 'H' then
        expire_hold(lane, hold)
        expired = expired + 1
      elseif hold.seq <= lane.recorded_seq then
        redis.call('HDEL', HOLDS, id)
        redis.call('ZREM', DUE, id)
        dropped = dropped + 1
      else
        -- PostgreSQL does not have its end yet: Redis is still the only place where it can be read.
        redis.call('ZADD', DUE, lane.now_ms + 60000, id)
      end
    end
  end
  return #due, expired, dropped
end
