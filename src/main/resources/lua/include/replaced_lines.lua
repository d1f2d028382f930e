-- Units per SKU of these lines.
local function units_in(lines)
  local units = {}
  for sku, quantity in string.gmatch(lines, '(%S+) (%d+)') do
    units[sku] = tonumber(quantity)
  end
  return units
end

-- The cart was granted in the view, where the hold's units counted as its own: it is the hold's from now on.
local function replace_lines(lane, hold, cart, view)
  local previous_lines = hold.lines
  hold.lines = cart.lines
  renew_facts(hold)
  store(lane, hold, 'replaced', lane.now_ms, hold.expires_at, previous_lines)
  write_counts(view)
  local wanted = {}
  for _, sku in ipairs(cart.skus) do
    wanted[sku] = true
  end
  for sku, quantity in pairs(cart.own) do
    if not wanted[sku] then
      move_units(hold.customer, sku, quantity, 'available')
    end
  end
  -- After the counts: the gone lines are taken off the buyer's total that was written just now.
  write()
end
