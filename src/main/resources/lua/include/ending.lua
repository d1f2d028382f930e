-- Units leave a cart: from held to `target` ('sold' or 'available'), unsold ones back to the buyer's allowance too.
local function move_units(customer, sku, quantity, target)
  add(moved, sku .. '|held', -quantity)
  add(moved, sku .. '|' .. target, quantity)
  if target == 'available' then
    came_back[sku] = true
    given_back[customer] = given_back[customer] or {}
    add(given_back[customer], sku, quantity)
  end
end

-- Returns how many lines it had.
local function end_hold(lane, hold, state, op, target, ended_at)
  local lines = 0
  for sku, quantity in string.gmatch(hold.lines, '(%S+) (%d+)') do
    move_units(hold.customer, sku, quantity, target)
    lines = lines + 1
  end
  hold.state = state
  hold.ended_after = digits(ended_at - hold.held_at)
  store(lane, hold, op, lane.now_ms, ended_at + lane.retention_ms)
  return lines
end

-- An expired reservation ended at its deadline, whenever that is noticed.
local function expire_hold(lane, hold)
  return end_hold(lane, hold, 'E', 'expired', 'available', hold.expires_at)
end
