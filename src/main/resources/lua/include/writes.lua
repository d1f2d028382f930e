-- What a call changes is gathered here and written by write(), in as few commands as there are keys, however many holds it changes:
-- a command costs more than what it does. A script that stores or ends holds calls write() before it reads again, and before it answers.
local hold_sets, due_sets, moved, given_back = {}, {}, {}, {}

local function keep(key, packed, due)
  local n = #hold_sets
  hold_sets[n + 1], hold_sets[n + 2] = key, packed
  due_sets[n + 1], due_sets[n + 2] = digits(due), key
end

local function add(changes, field, units)
  changes[field] = (changes[field] or 0) + units
end

-- Fields of a hash by what they change; where it is so said, one that reaches zero leaves.
local function write_changes(hash, changes, leaves_at_zero)
  local fields, sets, gone = {}, {}, {}
  for field in pairs(changes) do
    fields[#fields + 1] = field
  end
  for i, count in ipairs(redis.call('HMGET', hash, unpack(fields))) do
    local field = fields[i]
    local new = (count or 0) + changes[field]
    if new > 0 or not leaves_at_zero then
      sets[#sets + 1] = field
      sets[#sets + 1] = digits(new)
    else
      gone[#gone + 1] = field
    end
  end
  if #sets > 0 then
    redis.call('HSET', hash, unpack(sets))
  end
  if #gone > 0 then
    redis.call('HDEL', hash, unpack(gone))
  end
end

local function write()
  if next(moved) then
    write_changes(STOCK, moved, false)
    moved = {}
  end
  if next(given_back) then
    -- Only people with units cost memory.
    write_changes(BUYERS, given_back, true)
    given_back = {}
  end
  if hold_sets[1] then
    redis.call('HSET', HOLDS, unpack(hold_sets))
    redis.call('ZADD', DUE, unpack(due_sets))
    hold_sets, due_sets = {}, {}
  end
end
