-- What the sale says about holds; the lane must be open.
local function read_policy(lane)
  local f = redis.call('HMGET', SALE, 'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit')
  lane.state = f[1]
  lane.opens_at_ms = tonumber(f[2])
  lane.closes_at_ms = tonumber(f[3])
  lane.hold_ms = tonumber(f[4])
  lane.max_hold_ms = tonumber(f[5])
  lane.customer_limit = tonumber(f[6])
end
