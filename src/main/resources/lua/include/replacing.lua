-- Replaces the lines of the cart that the arguments name, unless it would need memory that a full Redis should not give: then the answer is
-- `if_it_needs_memory`, where that is given. A cart needs none that has no more units and no more lines than before.
local function replace_cart(if_it_needs_memory)
  local lane, refused = open_lane(ARGV[1], true)
  if not lane then
    return refused
  end
  local expected = whole(ARGV[5], 0, 999999999999999)
  if not expected then
    return {'BAD_ARGUMENT', 'expected_revision'}
  end
  local hold, none = meant_hold(ARGV[2], ARGV[3])
  if not hold then
    return none
  end
  local own = units_in(hold.lines)
  local cart = read_cart(hold.key, hold.customer, ARGV[4], own)
  if not cart then
    return {'BAD_ARGUMENT', 'lines'}
  end
  if is_due(lane, hold) then
    expire_hold(lane, hold)
    write()
  end
  if hold.state ~= 'H' then
    return shown('ENDED', lane, hold)
  end
  if expected ~= 0 and hold.revision ~= expected then
    -- The same call, made again because its answer was lost, did what it was to do.
    local repeated = hold.revision == expected + 1 and cart.lines == hold.lines
    return shown(repeated and 'REPLACED' or 'OTHER_REVISION', lane, hold)
  end
  if cart.lines == hold.lines then
    return shown('REPLACED', lane, hold)
  end
  local grows, units, own_units, own_lines = false, 0, 0, 0
  for i, sku in ipairs(cart.skus) do
    grows = grows or cart.quantities[i] > (own[sku] or 0)
    units = units + cart.quantities[i]
  end
  for _, quantity in pairs(own) do
    own_units = own_units + quantity
    own_lines = own_lines + 1
  end
  if if_it_needs_memory and (units > own_units or #cart.skus > own_lines) then
    return if_it_needs_memory
  end
  -- Giving units back is always possible.
  local refusal = read_policy(lane) or grows and refusal_by_window(lane)
  if refusal then
    return refusal
  end
  local view = decide(lane, {cart})
  if not cart.granted then
    return refusal_of(lane, cart)
  end

  replace_lines(lane, hold, cart, view)
  return shown('REPLACED', lane, hold)
end
