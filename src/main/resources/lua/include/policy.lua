-- What the sale says about holds; the lane must be open. Answers the refusal where that cannot be read.
local function read_policy(lane)
  local f = redis.call('HMGET', SALE, 'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit')
  lane.state = f[1]
  lane.opens_at_ms = count_in(f[2])
  lane.closes_at_ms = count_in(f[3])
  lane.hold_ms = count_in(f[4])
  lane.max_hold_ms = count_in(f[5])
  lane.customer_limit = count_in(f[6])
  if not (lane.state and lane.opens_at_ms and lane.closes_at_ms and lane.hold_ms and lane.max_hold_ms and lane.customer_limit) then
    return {'NO_LANE'}
  end
  return nil
end
