-- Adds sku, capacity, available, held, sold, version to `list`: of one SKU, or of all of the lane in the order of their names.
local function add_counts(list, only)
  local skus = {}
  if only then
    skus[1] = only
  else
    for _, field in ipairs(redis.call('HKEYS', STOCK)) do
      skus[#skus + 1] = string.match(field, '^([^|]+)|version$')
    end
    table.sort(skus)
  end
  for _, sku in ipairs(skus) do
    local c = redis.call('HMGET', STOCK, sku .. '|capacity', sku .. '|available', sku .. '|held', sku .. '|sold',
      sku .. '|version')
    if c[5] then
      list[#list + 1] = sku
      for i = 1, 5 do
        list[#list + 1] = c[i]
      end
    end
  end
  return list
end
