local SWITCHES = {open = true, paused = true, closed = true}

-- What the sale says about holds; the lane must be open. Answers the refusal where a setting was lost or cannot be read.
local function read_policy(lane)
  local f = redis.call('HMGET', SALE, 'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit')
  lane.state = SWITCHES[f[1]] and f[1]
  lane.opens_at_ms = count_in(f[2])
  lane.closes_at_ms = count_in(f[3])
  lane.hold_ms = count_in(f[4])
  lane.max_hold_ms = count_in(f[5])
  lane.customer_limit = count_in(f[6])
  for _, name in ipairs({'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit'}) do
    if not lane[name] then
      return {'BAD_SETTING', name}
    end
  end
  return nil
end
