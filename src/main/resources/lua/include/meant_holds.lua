-- How many reservations are meant by pairs of key and held_at, from the second argument on, and a function that answers each of them: the same
-- for the same key, or nil and why there is none. Nil and the argument's name where there is no pair, or more than 50.
local function meant_holds()
  local keys = {}
  for at = 2, #ARGV, 2 do
    keys[#keys + 1] = ARGV[at]
  end
  if #keys == 0 or #keys > 50 or #ARGV ~= 1 + 2 * #keys then
    return nil, 'key'
  end
  local packed, met = read_all(HOLDS, keys), {}
  return #keys, function(i)
    local key, at = keys[i], 2 * i
    local hold = met[key] or (packed[i] and unpack_hold(key, packed[i]))
    met[key] = hold
    if packed[i] and not hold then
      return nil, 'UNREADABLE'
    end
    if not packed[i] and is_lost(key) then
      return nil, 'LOST'
    end
    if hold and is_meant(hold, ARGV[at + 1]) then
      return hold
    end
    return nil, 'NOT_FOUND'
  end
end
