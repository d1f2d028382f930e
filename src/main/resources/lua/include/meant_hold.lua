-- The reservation that is meant, or nil and why there is none.
local function meant_hold(key, held_at)
  local packed = redis.call('HGET', HOLDS, key)
  local hold = packed and unpack_hold(key, packed)
  if packed and not hold then
    return nil, {'UNREADABLE'}
  end
  if not packed and is_lost(key) then
    return nil, {'LOST'}
  end
  if not hold or not is_meant(hold, held_at) then
    return nil, {'NOT_FOUND'}
  end
  return hold
end
