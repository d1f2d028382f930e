-- So many SKUs a call: their fields have to fit into Lua's stack, which takes 8,000.
local SKUS_A_CALL = 500

-- Adds sku, capacity, available, held, sold, version to `list`: of one SKU, or of all of the lane in the order of their names.
local function add_counts(list, only)
  local skus = {}
  if only then
    skus[1] = only
  else
    for sku in string.gmatch(redis.call('HGET', STOCK, '|skus') or '', '%S+') do
      skus[#skus + 1] = sku
    end
  end
  for first = 1, #skus, SKUS_A_CALL do
    local last = math.min(first + SKUS_A_CALL - 1, #skus)
    local fields = {}
    for i = first, last do
      local n = (i - first) * 5
      fields[n + 1] = skus[i] .. '|capacity'
      fields[n + 2] = skus[i] .. '|available'
      fields[n + 3] = skus[i] .. '|held'
      fields[n + 4] = skus[i] .. '|sold'
      fields[n + 5] = skus[i] .. '|version'
    end
    local counts = redis.call('HMGET', STOCK, unpack(fields))
    for i = first, last do
      local n = (i - first) * 5
      if counts[n + 5] then
        list[#list + 1] = skus[i]
        for field = n + 1, n + 5 do
          list[#list + 1] = counts[field]
        end
      end
    end
  end
  return list
end
