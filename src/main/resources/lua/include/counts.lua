-- A step of counting is about 0.5 ms of Redis: some 120 SKUs, fewer where their names are long.
local MOST_COUNTED = 12000

local function is_count(text)
  return text and #text <= 15 and string.find(text, '^%-?%d+$')
end

-- Adds sku, capacity, available, held, sold, version of each to the list. A SKU of which one of these is lost or is not a number is left out.
-- Returns the list, and the SKUs of which something is there and not all of it can be read.
local function add_counts(list, skus)
  local fields = {}
  for i, sku in ipairs(skus) do
    local n = (i - 1) * 5
    fields[n + 1] = sku .. '|capacity'
    fields[n + 2] = sku .. '|available'
    fields[n + 3] = sku .. '|held'
    fields[n + 4] = sku .. '|sold'
    fields[n + 5] = sku .. '|version'
  end
  local counts = read_all(STOCK, fields)
  local unreadable = {}
  for i, sku in ipairs(skus) do
    local n = (i - 1) * 5
    if is_count(counts[n + 1]) and is_count(counts[n + 2]) and is_count(counts[n + 3]) and is_count(counts[n + 4])
      and is_count(counts[n + 5]) then
      list[#list + 1] = sku
      for field = n + 1, n + 5 do
        list[#list + 1] = counts[field]
      end
    elseif counts[n + 1] or counts[n + 2] or counts[n + 3] or counts[n + 4] or counts[n + 5] then
      unreadable[#unreadable + 1] = sku
    end
  end
  return list, unreadable
end

-- The SKUs that a step from the cursor on comes to, in no order, and the cursor of the next step: 0 where all have been told. One may be told
-- twice.
local function some_skus(cursor)
  local skus, counted = {}, 0
  repeat
    local step = redis.call('HSCAN', STOCK, cursor, 'MATCH', '*|version', 'COUNT', '200')
    cursor = step[1]
    for i = 1, #step[2], 2 do
      local sku = string.sub(step[2][i], 1, -9)
      skus[#skus + 1] = sku
      counted = counted + 90 + #sku
    end
    -- Names that do not match take their time, too.
    counted = counted + 500
  until cursor == '0' or counted >= MOST_COUNTED
  return skus, cursor
end
