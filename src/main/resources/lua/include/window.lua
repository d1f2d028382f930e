-- Nil where the sale takes new units now, else the refusal.
local function refusal_by_window(lane)
  if lane.policy.state == 'paused' then
    return {'SALE_PAUSED'}
  end
  if lane.policy.state == 'closed' or (lane.policy.closes_at_ms > 0 and lane.now_ms >= lane.policy.closes_at_ms) then
    return {'SALE_CLOSED'}
  end
  if lane.now_ms < lane.policy.opens_at_ms then
    return {'SALE_NOT_OPEN', lane.now, digits(lane.policy.opens_at_ms)}
  end
  return nil
end
