-- What the sale says about holds, into lane.policy; the lane must be open. Answers the refusal where a setting was lost or cannot be read.
local function read_policy(lane)
  local f = redis.call('HMGET', SALE, 'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit')
  local policy = {
    state = (f[1] == 'open' or f[1] == 'paused' or f[1] == 'closed') and f[1],
    opens_at_ms = count_in(f[2]),
    closes_at_ms = count_in(f[3]),
    hold_ms = count_in(f[4]),
    max_hold_ms = count_in(f[5]),
    customer_limit = count_in(f[6])
  }
  lane.policy = policy
  if policy.state and policy.opens_at_ms and policy.closes_at_ms and policy.hold_ms and policy.max_hold_ms and policy.customer_limit then
    return nil
  end
  for _, name in ipairs({'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit'}) do
    if not policy[name] then
      return {'BAD_SETTING', name}
    end
  end
end
