-- Lua's stack takes 8,000 values at a time, with the table that they come from. What grows with lines, carts or SKUs goes to Redis in
-- parts, and nothing but this file takes tables apart. Even, so that a field and its value stay together.
local MOST_VALUES = 4000

-- For commands that may as well be given a few values at a time: HSET, HDEL, ZADD, ZREM. Does nothing where there are none.
local function write_all(command, key, values)
  for from = 1, #values, MOST_VALUES do
    redis.call(command, key, unpack(values, from, math.min(from + MOST_VALUES - 1, #values)))
  end
end

-- The values of all these fields, in their order, false where there is none.
local function read_all(key, fields)
  if #fields == 0 then
    return {}
  end
  local values = redis.call('HMGET', key, unpack(fields, 1, math.min(MOST_VALUES, #fields)))
  for from = MOST_VALUES + 1, #fields, MOST_VALUES do
    for _, value in ipairs(redis.call('HMGET', key, unpack(fields, from, math.min(from + MOST_VALUES - 1, #fields)))) do
      values[#values + 1] = value
    end
  end
  return values
end

-- The scores of all these members, in their order, false where there is none.
local function read_scores(key, members)
  local scores = {}
  for from = 1, #members, MOST_VALUES do
    for _, score in ipairs(redis.call('ZMSCORE', key, unpack(members, from, math.min(from + MOST_VALUES - 1, #members)))) do
      scores[#scores + 1] = score
    end
  end
  return scores
end

-- At most so many values of the list from this place on.
local function some_of(list, from, many)
  return {unpack(list, from, math.min(from + many - 1, #list))}
end

-- The list with these texts behind it.
local function add_all(list, texts)
  for _, text in ipairs(texts) do
    list[#list + 1] = text
  end
  return list
end
