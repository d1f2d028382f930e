-- Nil where the sale takes new units now, else the refusal.
local function refusal_by_window(lane)
  if lane.state == 'paused' then
    return {'SALE_PAUSED'}
  end
  if lane.state == 'closed' or (lane.closes_at_ms > 0 and lane.now_ms >= lane.closes_at_ms) then
    return {'SALE_CLOSED'}
  end
  if lane.now_ms < lane.opens_at_ms then
    return {'SALE_NOT_OPEN', digits(lane.now_ms), digits(lane.opens_at_ms)}
  end
  return nil
end

-- ARGV from `first` on as pairs of SKU and quantity; nil where a SKU comes twice or a quantity is not a whole number of 1 to 200,000.
local function read_lines(first)
  local skus, quantities, known = {}, {}, {}
  for i = first, #ARGV, 2 do
    local quantity = whole(ARGV[i + 1], 1, 200000)
    if not quantity or known[ARGV[i]] then
      return nil
    end
    known[ARGV[i]] = true
    skus[#skus + 1] = ARGV[i]
    quantities[#quantities + 1] = quantity
  end
  if #skus == 0 or #skus > 20 then
    return nil
  end
  return skus, quantities
end

local function joined(skus, quantities)
  local parts = {}
  for i, sku in ipairs(skus) do
    parts[i] = sku .. ' ' .. quantities[i]
  end
  return table.concat(parts, ' ')
end

-- Reads what a cart needs to know. `own` is what the buyer's own cart already holds of each SKU, and counts as free.
-- Limits are for what grows: whoever is over one since it was lowered may still give units back.
local function look(lane, customer, skus, quantities, own)
  local stock_fields, buyer_fields = {}, {customer}
  for _, sku in ipairs(skus) do
    local n = #stock_fields
    stock_fields[n + 1] = sku .. '|available'
    stock_fields[n + 2] = sku .. '|held'
    stock_fields[n + 3] = sku .. '|limit'
    buyer_fields[#buyer_fields + 1] = customer .. '|' .. sku
  end
  local stock = redis.call('HMGET', STOCK, unpack(stock_fields))
  local taken = redis.call('HMGET', BUYERS, unpack(buyer_fields))
  local seen = {available = {}, held = {}, taken = {}, taken_in_all = tonumber(taken[1] or 0), unknown = {}, short = {}}

  local wanted, owned = 0, 0
  for _, quantity in pairs(own) do
    owned = owned + quantity
  end
  for i, sku in ipairs(skus) do
    local available = stock[i * 3 - 2]
    if not available then
      seen.unknown[#seen.unknown + 1] = sku
    else
      seen.available[i] = tonumber(available)
      seen.held[i] = tonumber(stock[i * 3 - 1])
      seen.taken[i] = tonumber(taken[i + 1] or 0)
      local mine = own[sku] or 0
      local limit = tonumber(stock[i * 3] or 0)
      if limit > 0 and quantities[i] > mine and seen.taken[i] - mine + quantities[i] > limit and not seen.over then
        seen.over = {tostring(limit), tostring(seen.taken[i] - mine), sku}
      end
      if quantities[i] - mine > seen.available[i] then
        seen.short[#seen.short + 1] = i
      end
    end
    wanted = wanted + quantities[i]
  end
  if lane.customer_limit > 0 and wanted > owned and seen.taken_in_all - owned + wanted > lane.customer_limit then
    seen.over = {tostring(lane.customer_limit), tostring(seen.taken_in_all - owned)}
  end
  return seen
end

-- Other SKUs of the same products that can be had now: at most 20, and at most 200 are looked at.
-- In three reads however many there are, because where all is sold out most calls come here.
local function alternatives(skus, short)
  local asked, product_fields = {}, {}
  for _, sku in ipairs(skus) do
    asked[sku] = true
  end
  for _, i in ipairs(short) do
    product_fields[#product_fields + 1] = skus[i] .. '|product'
  end
  local seen, list_fields = {}, {}
  for _, product in ipairs(redis.call('HMGET', STOCK, unpack(product_fields))) do
    if product and not seen[product] then
      seen[product] = true
      list_fields[#list_fields + 1] = '|product|' .. product
    end
  end
  if #list_fields == 0 then
    return {}
  end

  local others, fields = {}, {}
  for _, list in ipairs(redis.call('HMGET', STOCK, unpack(list_fields))) do
    for other in string.gmatch(list or '', '%S+') do
      if #others == 200 then
        break
      end
      if not asked[other] then
        others[#others + 1] = other
        fields[#fields + 1] = other .. '|available'
      end
    end
  end
  if #others == 0 then
    return {}
  end

  local found = {}
  for i, available in ipairs(redis.call('HMGET', STOCK, unpack(fields))) do
    if #found == 40 then
      break
    end
    if available and tonumber(available) > 0 then
      found[#found + 1] = others[i]
      found[#found + 1] = available
    end
  end
  return found
end

local function out_of_stock(lane, skus, quantities, seen, own)
  local first_due = redis.call('ZRANGE', DUE, 0, 0, 'WITHSCORES')
  local reply = {'OUT_OF_STOCK', tostring(lane.now_ms), first_due[2] or '0', tostring(#seen.short)}
  for _, i in ipairs(seen.short) do
    reply[#reply + 1] = skus[i]
    reply[#reply + 1] = tostring(quantities[i])
    reply[#reply + 1] = tostring(seen.available[i] + (own[skus[i]] or 0))
    reply[#reply + 1] = tostring(seen.held[i] - (own[skus[i]] or 0))
  end
  for _, text in ipairs(alternatives(skus, seen.short)) do
    reply[#reply + 1] = text
  end
  return reply
end

-- Decides whether the cart can be had: what was seen, or nil and the refusal.
-- Holds that are due are taken back before anyone is refused, so that no unit and no allowance lies idle in them.
local function decide(lane, customer, skus, quantities, own)
  local seen = look(lane, customer, skus, quantities, own)
  if #seen.unknown > 0 then
    return nil, {'UNKNOWN_SKU', unpack(seen.unknown)}
  end
  if seen.over or #seen.short > 0 then
    local looked_at = take_back_due(lane, 100)
    if looked_at > 0 then
      seen = look(lane, customer, skus, quantities, own)
      if (seen.over or #seen.short > 0) and looked_at == 100 then
        return nil, {'MORE_DUE'}
      end
    end
  end
  if seen.over then
    return nil, {'PURCHASE_LIMIT', unpack(seen.over)}
  end
  if #seen.short > 0 then
    return nil, out_of_stock(lane, skus, quantities, seen, own)
  end
  return seen
end
