-- A cart of the lines in `text`, or nil where a SKU comes twice, a quantity is not a whole number of 1 to 200,000, or there are not 1
-- to 20 lines. `own` is what the cart holds already of each SKU: for its buyer that counts as free.
local function read_cart(key, customer, text, own)
  -- With one field more Lua would make room for 32.
  local cart = {
    key = key,
    customer = customer,
    lines = text,
    own = own,
    skus = false,
    quantities = false,
    fields = false,
    granted = false,
    repeats = false,
    unknown = false,
    unreadable = false,
    over = false,
    short = false,
    fingerprint = false,
    hold_ms = false,
    packed = false
  }
  -- Nearly all carts have one line.
  local sku, quantity = string.match(text, '^(%S+) (%d+)$')
  if sku then
    local units = #quantity <= 6 and tonumber(quantity)
    if not units or units < 1 or units > 200000 then
      return nil
    end
    cart.skus, cart.quantities, cart.fields = {sku}, {units}, {customer .. '|' .. sku}
    return cart
  end
  local skus, quantities, fields, known, length = {}, {}, {}, {}, -1
  for sku, written_quantity in string.gmatch(text, '(%S+) (%d+)') do
    quantity = whole(written_quantity, 1, 200000)
    if not quantity or known[sku] then
      return nil
    end
    known[sku] = true
    skus[#skus + 1] = sku
    quantities[#skus] = quantity
    fields[#skus] = customer .. '|' .. sku
    length = length + #sku + #written_quantity + 2
  end
  if #skus == 0 or #skus > 20 or length ~= #text then
    return nil
  end
  cart.skus, cart.quantities, cart.fields = skus, quantities, fields
  return cart
end

-- What these carts need to know, in two reads however many they are. They are weighed against this view one after the other, and each
-- that is granted changes it; what has changed is written when all are decided.
local function look(carts)
  local stock, skus, taken, only, buyers, had = {}, {}, {}, {}, {}, {}
  local stock_fields = {}
  for _, cart in ipairs(carts) do
    if not taken[cart.customer] then
      taken[cart.customer] = 0
      buyers[#buyers + 1] = cart.customer
    end
    for i, sku in ipairs(cart.skus) do
      local field = cart.fields[i]
      if not taken[field] then
        taken[field] = 0
        buyers[#buyers + 1] = field
      end
      if stock[sku] == nil then
        stock[sku] = false
        skus[#skus + 1] = sku
        local n = #stock_fields
        stock_fields[n + 1] = sku .. '|available'
        stock_fields[n + 2] = sku .. '|held'
        stock_fields[n + 3] = sku .. '|limit'
      end
    end
  end
  local counts = read_all(STOCK, stock_fields)
  for i, sku in ipairs(skus) do
    local n = i * 3
    if counts[n - 2] or counts[n - 1] then
      local available, held, limit = count_in(counts[n - 2]), count_in(counts[n - 1]), count_in(counts[n] or '0')
      stock[sku] = {available = available, held = held, limit = limit, readable = available and held and limit, changed = false}
    end
  end
  for i, value in ipairs(read_all(BUYERS, buyers)) do
    if value then
      local field = buyers[i]
      local units, only_sku = units_of(value)
      taken[field], had[field] = units, true
      if only_sku then
        taken[field .. '|' .. only_sku] = units
      end
      only[field] = only_sku
    end
  end
  return {stock = stock, skus = skus, taken = taken, only = only, had = had, changed = {}}
end

-- Says in the cart why it cannot be had: `unknown` SKUs, `unreadable` ones, an allowance that it goes `over`, lines that are `short`. Nil
-- all, if it can.
-- Limits are for what grows: whoever is over one since it was lowered may still give units back.
local function weigh(lane, view, cart)
  local own = cart.own
  local unknown, unreadable, over, short
  local wanted, owned = 0, 0
  for _, quantity in pairs(own) do
    owned = owned + quantity
  end
  for i, sku in ipairs(cart.skus) do
    local quantity, mine, stock = cart.quantities[i], own[sku] or 0, view.stock[sku]
    if not stock then
      unknown = unknown or {}
      unknown[#unknown + 1] = sku
    elseif not stock.readable then
      unreadable = unreadable or {}
      unreadable[#unreadable + 1] = sku
    else
      local taken = view.taken[cart.fields[i]] - mine
      if stock.limit > 0 and quantity > mine and taken + quantity > stock.limit and not over then
        over = {digits(stock.limit), digits(taken), sku}
      end
      if quantity - mine > stock.available then
        short = short or {}
        short[#short + 1] = {sku = sku, quantity = quantity, available = stock.available + mine, held = stock.held - mine}
      end
    end
    wanted = wanted + quantity
  end
  local taken_in_all = view.taken[cart.customer] - owned
  if lane.policy.customer_limit > 0 and wanted > owned and taken_in_all + wanted > lane.policy.customer_limit then
    over = {digits(lane.policy.customer_limit), digits(taken_in_all)}
  end
  cart.unknown, cart.unreadable, cart.over, cart.short = unknown, unreadable, over, short
end

-- Takes the cart's units in the view; what it holds already is taken.
local function grant(view, cart)
  local customer, units = cart.customer, 0
  local changed = view.changed[customer] or {}
  view.changed[customer] = changed
  for i, sku in ipairs(cart.skus) do
    local more = cart.quantities[i] - (cart.own[sku] or 0)
    local stock, field, only = view.stock[sku], cart.fields[i], view.only[customer]
    stock.available = stock.available - more
    stock.held = stock.held + more
    stock.changed = true
    if more < 0 then
      came_back[sku] = true
    end
    view.taken[field] = view.taken[field] + more
    changed[sku] = true
    if only == nil then
      view.only[customer] = sku
    elseif only and only ~= sku then
      changed[only] = true
      view.only[customer] = false
    end
    units = units + more
  end
  view.taken[customer] = view.taken[customer] + units
  cart.granted = true
end

-- Decides about all carts, in their order. Of carts with one key the first that is granted is it: the others are its repetitions.
-- True if any goes over an allowance or is short, which is to be asked again when due holds have been taken back.
local function decide_once(lane, view, carts)
  local granted, refused = {}, false
  for _, cart in ipairs(carts) do
    cart.granted, cart.repeats = false, granted[cart.key]
    if not cart.repeats then
      weigh(lane, view, cart)
      if not (cart.unknown or cart.unreadable or cart.over or cart.short) then
        grant(view, cart)
        granted[cart.key] = cart
      elseif not (cart.unknown or cart.unreadable) then
        refused = true
      end
    end
  end
  return refused
end

-- Decides which carts are granted, and returns the view as it is after them.
-- Holds that are due are taken back before anyone is refused, so that no unit and no allowance lies idle in them.
local function decide(lane, carts)
  local view = look(carts)
  if decide_once(lane, view, carts) then
    local looked_at, _, _, more_due = take_back_due(lane, 100, MOST_WORK)
    lane.more_due = more_due
    if looked_at > 0 then
      view = look(carts)
      decide_once(lane, view, carts)
    end
  end
  return view
end

-- Writes the counts that grants have changed.
local function write_counts(view)
  local sets = {}
  for _, sku in ipairs(view.skus) do
    local stock = view.stock[sku]
    if stock and stock.changed then
      local n = #sets
      sets[n + 1] = sku .. '|available'
      sets[n + 2] = digits(stock.available)
      sets[n + 3] = sku .. '|held'
      sets[n + 4] = digits(stock.held)
    end
  end
  if #sets == 0 then
    return
  end
  write_all('HSET', STOCK, sets)
  sets = {}
  for customer, skus in pairs(view.changed) do
    local total, only = digits(view.taken[customer]), view.only[customer]
    sets[#sets + 1] = customer
    sets[#sets + 1] = only and total .. ' ' .. only or total
    if not only then
      for sku in pairs(skus) do
        local field = customer .. '|' .. sku
        sets[#sets + 1] = field
        sets[#sets + 1] = digits(view.taken[field])
      end
    end
  end
  write_all('HSET', BUYERS, sets)
end
