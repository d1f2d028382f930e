-- What the sale says about holds, into lane.policy; the lane must be open, with its policy. Answers the refusal where a setting was lost or cannot be read.
local function read_policy(lane)
  local f = lane.policy
  local policy = {
    state = (f[10] == 'open' or f[10] == 'paused' or f[10] == 'closed') and f[10],
    opens_at_ms = count_in(f[11]),
    closes_at_ms = count_in(f[12]),
    hold_ms = count_in(f[13]),
    max_hold_ms = count_in(f[14]),
    customer_limit = count_in(f[15])
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
