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

-- A count as a number. Nil where it was lost or is not a whole number: tonumber alone would take 'nan', '0x10' and '1e3'.
local function count_in(text)
  if not text or #text > 15 or not string.find(text, '^%-?%d+$') then
    return nil
  end
  return tonumber(text)
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

local function write_stock()
  local fields, sets = {}, {}
  for field in pairs(moved) do
    fields[#fields + 1] = field
  end
  -- A count that was lost or cannot be read stays as it is: the ledger says what it must be, and an audit finds it.
  for i, text in ipairs(redis.call('HMGET', STOCK, unpack(fields))) do
    local count = count_in(text)
    if count then
      sets[#sets + 1] = fields[i]
      sets[#sets + 1] = digits(count + moved[fields[i]])
    end
  end
  if #sets > 0 then
    redis.call('HSET', STOCK, unpack(sets))
  end
end

-- So many more SKUs have capacity that is to go.
local function set_pending(lane, more)
  local skus = tonumber(lane.pending or 0) + more
  if skus > 0 then
    lane.pending = digits(skus)
    redis.call('HSET', SALE, 'pending', lane.pending)
  else
    lane.pending = false
    redis.call('HDEL', SALE, 'pending')
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
  for i, value in ipairs(redis.call('HMGET', BUYERS, unpack(fields))) do
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
  if #sets > 0 then
    redis.call('HSET', BUYERS, unpack(sets))
  end
  if #gone > 0 then
    redis.call('HDEL', BUYERS, unpack(gone))
  end
end

-- Capacity that an admin took away while it was held goes when it comes back, before anybody can have it.
local function shrink(lane)
  local gone = 0
  for sku in pairs(came_back) do
    local capacity, available, pending = sku .. '|capacity', sku .. '|available', sku .. '|pending'
    local counts = redis.call('HMGET', STOCK, capacity, available, pending)
    local left = count_in(counts[3]) or 0
    local units = math.min(left, count_in(counts[2]) or 0)
    if units > 0 and count_in(counts[1]) then
      append(lane, 'shrunk ' .. lane.now .. ' ' .. sku .. ' ' .. digits(units))
      redis.call('HSET', STOCK, capacity, digits(counts[1] - units), available, digits(counts[2] - units), pending, digits(left - units))
      if units == left then
        gone = gone + 1
      end
    end
  end
  if gone > 0 then
    set_pending(lane, -gone)
  end
end

local function write()
  if next(moved) then
    write_stock()
    moved = {}
  end
  if next(given_back) then
    write_allowances()
    given_back = {}
  end
  if hold_sets[1] then
    redis.call('HSET', HOLDS, unpack(hold_sets))
    redis.call('ZADD', DUE, unpack(due_sets))
    hold_sets, due_sets = {}, {}
  end
  if open_now.pending and next(came_back) then
    shrink(open_now)
    came_back = {}
  end
  finish(open_now)
end
