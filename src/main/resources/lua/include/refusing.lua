-- Why a cart that was decided is not granted. A call pays for each function that it makes, and most calls refuse nobody: so what is needed
-- to say why is made by the first refusal.
local refusal
local function refusal_of(lane, cart)
  if refusal then
    return refusal(lane, cart)
  end

  -- A call looks at so many SKUs that might be had instead: 200 for one product, as many again for others.
  local MOST_ALTERNATIVES = 400
  local alternatives_left = MOST_ALTERNATIVES

  -- Adds to `names` the SKUs of a page of each of these products, and returns the products of which there is a next page.
  local function add_page(products_here, number, names)
    local fields, more = {}, {}
    for i, product in ipairs(products_here) do
      fields[i] = page_field(product, number)
    end
    for i, page in ipairs(read_all(STOCK, fields)) do
      local before = #names
      for sku in string.gmatch(page or '', '%S+') do
        names[#names + 1] = {sku = sku, product = products_here[i]}
      end
      if #names - before == NAMES_A_PAGE then
        more[#more + 1] = products_here[i]
      end
    end
    return more
  end

  -- Finds out which SKUs of these products can be had now, once a call.
  local known_products = {}
  local function look_at(wanted)
    local names, here, number = {}, {}, 0
    for _, product in ipairs(wanted) do
      if not known_products[product] then
        known_products[product] = {}
        here[#here + 1] = product
      end
    end
    while #here > 0 and #names < math.min(200, alternatives_left) do
      here = add_page(here, number, names)
      number = number + 1
    end
    local fields = {}
    for i = 1, math.min(#names, alternatives_left) do
      fields[i] = names[i].sku .. '|available'
    end
    alternatives_left = alternatives_left - #fields
    for i, available in ipairs(read_all(STOCK, fields)) do
      if (count_in(available) or 0) > 0 then
        add_all(known_products[names[i].product], {names[i].sku, available})
      end
    end
  end

  -- Other SKUs of the same products that can be had now, and how many of each: at most 20.
  local function alternatives(cart)
    local asked, fields, wanted, seen = {}, {}, {}, {}
    for _, sku in ipairs(cart.skus) do
      asked[sku] = true
    end
    for i, line in ipairs(cart.short) do
      fields[i] = line.sku .. '|product'
    end
    for _, value in ipairs(read_all(STOCK, fields)) do
      local _, product = product_in(value)
      if product and not seen[product] then
        seen[product] = true
        wanted[#wanted + 1] = product
      end
    end
    look_at(wanted)
    local found = {}
    for _, product in ipairs(wanted) do
      local there = known_products[product]
      for i = 1, #there, 2 do
        if #found == 40 then
          return found
        end
        if not asked[there[i]] then
          found[#found + 1] = there[i]
          found[#found + 1] = there[i + 1]
        end
      end
    end
    return found
  end

  local function out_of_stock(lane, cart)
    -- Carts of the same lines that are short of as many have the same alternatives: in a rush that is nearly all of a call.
    local kind = #cart.short .. ' ' .. cart.lines
    lane.alternatives = lane.alternatives or {}
    lane.alternatives[kind] = lane.alternatives[kind] or alternatives(cart)
    lane.first_due = lane.first_due or redis.call('ZRANGE', DUE, 0, 0, 'WITHSCORES')[2] or '0'

    local reply = {'OUT_OF_STOCK', lane.now, lane.first_due, digits(#cart.short)}
    for _, line in ipairs(cart.short) do
      local n = #reply
      reply[n + 1] = line.sku
      reply[n + 2] = digits(line.quantity)
      reply[n + 3] = digits(line.available)
      reply[n + 4] = digits(line.held)
    end
    return add_all(reply, lane.alternatives[kind])
  end

  refusal = function(lane, cart)
    if cart.unknown then
      return add_all({'UNKNOWN_SKU'}, cart.unknown)
    end
    if cart.unreadable then
      return add_all({'UNREADABLE'}, cart.unreadable)
    end
    if lane.more_due then
      return {'MORE_DUE'}
    end
    if cart.over then
      return add_all({'PURCHASE_LIMIT'}, cart.over)
    end
    return out_of_stock(lane, cart)
  end

  return refusal(lane, cart)
end
