-- Units go back to the buyer's allowance; a field that reaches zero leaves, so that only people with units cost memory.
local function give_back_allowance(customer, lines)
  local fields, total = {customer}, 0
  local quantities = {}
  for sku, quantity in each_line(lines) do
    fields[#fields + 1] = customer .. '|' .. sku
    quantities[#fields] = tonumber(quantity)
    total = total + tonumber(quantity)
  end
  quantities[1] = total
  local taken = redis.call('HMGET', BUYERS, unpack(fields))
  local sets, gone = {}, {}
  for i = 1, #fields do
    local left = tonumber(taken[i] or 0) - quantities[i]
    if left > 0 then
      sets[#sets + 1] = fields[i]
      sets[#sets + 1] = left
    else
      gone[#gone + 1] = fields[i]
    end
  end
  if #sets > 0 then
    redis.call('HSET', BUYERS, unpack(sets))
  end
  if #gone > 0 then
    redis.call('HDEL', BUYERS, unpack(gone))
  end
end
