-- The reservations that are meant by pairs of key and held_at, from the second argument on: the same for the same key. Where there is none,
-- the refusal instead of it. Nil and the argument's name where there is no pair, or more than 50.
local function meant_holds()
  local keys = {}
  for at = 2, #ARGV, 2 do
    keys[#keys + 1] = ARGV[at]
  end
  if #keys == 0 or #keys > 50 or #ARGV ~= 1 + 2 * #keys then
    return nil, 'key'
  end
  local holds, met = {}, {}
  for i, packed in ipairs(redis.call('HMGET', HOLDS, unpack(keys))) do
    local key, at = keys[i], 2 * i
    local hold = met[key] or (packed and unpack_hold(key, packed))
    met[key] = hold
    if packed and not hold then
      holds[i] = {refusal = 'UNREADABLE'}
    else
      holds[i] = hold and is_meant(hold, ARGV[at + 1]) and hold or {refusal = 'NOT_FOUND'}
    end
  end
  return holds
end
