-- What a call changes is gathered here and written by write(), in as few commands as there are keys, however many holds it changes:
-- a command costs more than what it does. A script that stores or ends holds calls write() before it reads again, and before it answers.
-- The ledger's entries are written before it, by append(): they are the first that Redis could refuse.
local hold_sets, due_sets, moved, given_back, came_back = {}, {}, {}, {}, {}

local function keep(key, packed, due)
  local n = #hold_sets
  hold_sets[n + 1], hold_sets[n + 2] = key, packed
  due_sets[n + 1], due_sets[n + 2] = digits(due), key
end

local function add(changes, field, units)
  changes[field] = (changes[field] or 0) + units
end

-- Units of one SKU with most buyers: then the buyer's one field says both, `total sku`, and a third of what a hold costs in memory is
-- saved. Else it says the total, and there is a field customer|sku for each. Total and only SKU, or nil where the buyer has nothing; what
-- cannot be read is as if it was not there.
local function units_of(value)
  local total, only = string.match(value or '', '^(%-?%d+) ?(%S*)$')
  if not total then
    return 0, nil
  end
  return tonumber(total), only ~= '' and only
end

-- So many more SKUs have capacity that is to go.
local function set_pending(lane, more)
  local skus = (count_in(lane.pending) or 0) + more
  if skus > 0 then
    lane.pending = digits(skus)
    redis.call('HSET', SALE, 'pending', lane.pending)
  else
    lane.pending = false
    redis.call('HDEL', SALE, 'pending')
  end
end

-- Capacity that an admin took away while it was held goes when it comes back, before anybody can have it. Returns of how many SKUs none is
-- left to go.
local function shrink(lane, counts)
  local none_left = 0
  for sku in pairs(came_back) do
    local capacity, available, pending = sku .. '|capacity', sku .. '|available', sku .. '|pending'
    local left = counts[pending] or 0
    local units = counts[capacity] and math.min(left, counts[available] or 0) or 0
    if units > 0 then
      append(lane, 'shrunk ' .. lane.now .. ' ' .. sku .. ' ' .. digits(units))
      for _, field in ipairs({capacity, available, pending}) do
        counts[field] = counts[field] - units
        moved[field] = moved[field] or 0
      end
      if units == left then
        none_left = none_left + 1
      end
    end
  end
  return none_left
end

-- Reads the fields that units have moved in, and what shrink() has to know. A count that was lost or cannot be read is left out and stays as it
-- is: the ledger says what it must be, and an audit finds it.
local function read_stock(lane)
  local fields = {}
  for field in pairs(moved) do
    fields[#fields + 1] = field
  end
  if lane.pending then
    for sku in pairs(came_back) do
      add_all(fields, {sku .. '|capacity', sku .. '|available', sku .. '|pending'})
    end
  end
  local counts = {}
  for i, value in ipairs(read_all(STOCK, fields)) do
    local count = count_in(value)
    counts[fields[i]] = count and count + (moved[fields[i]] or 0)
  end
  return counts
end

local function write_stock(lane)
  local counts, none_left = read_stock(lane), 0
  if lane.pending then
    none_left = shrink(lane, counts)
  end
  local sets = {}
  for field in pairs(moved) do
    if counts[field] then
      sets[#sets + 1] = field
      sets[#sets + 1] = digits(counts[field])
    end
  end
  write_all('HSET', STOCK, sets)
  if none_left > 0 then
    set_pending(lane, -none_left)
  end
end

-- What reaches zero leaves, so that only people with units cost memory.
local function write_allowances()
  local fields = {}
  for customer, units in pairs(given_back) do
    fields[#fields + 1] = customer
    for sku in pairs(units) do
      fields[#fields + 1] = customer .. '|' .. sku
    end
  end
  local values, sets, gone = {}, {}, {}
  for i, value in ipairs(read_all(BUYERS, fields)) do
    values[fields[i]] = value
  end
  local function set(field, units, addition)
    if units > 0 then
      sets[#sets + 1] = field
      sets[#sets + 1] = digits(units) .. addition
    else
      gone[#gone + 1] = field
    end
  end
  for customer, units in pairs(given_back) do
    local total, only = units_of(values[customer])
    for sku, quantity in pairs(units) do
      total = total - quantity
      if not only then
        local field = customer .. '|' .. sku
        set(field, (count_in(values[field]) or 0) - quantity, '')
      end
    end
    set(customer, total, only and ' ' .. only or '')
  end
  write_all('HSET', BUYERS, sets)
  write_all('HDEL', BUYERS, gone)
end

local function write()
  if next(moved) or (open_now.pending and next(came_back)) then
    write_stock(open_now)
    moved, came_back = {}, {}
  end
  if next(given_back) then
    write_allowances()
    given_back = {}
  end
  if hold_sets[1] then
    write_all('HSET', HOLDS, hold_sets)
    write_all('ZADD', DUE, due_sets)
    hold_sets, due_sets = {}, {}
  end
  finish(open_now)
end
