-- The reservation that is meant, or nil.
local function meant_hold(key, held_at)
  local packed = redis.call('HGET', HOLDS, key)
  local hold = packed and unpack_hold(key, packed)
  return hold and is_meant(hold, held_at) and hold or nil
end
