-- Whether the lane has no such epoch yet, and is not to get a later one. A sale key of another type is no lane's.
local function is_newer(epoch)
  if redis.call('TYPE', SALE).ok ~= 'hash' then
    return true
  end
  local there = redis.call('HMGET', SALE, 'epoch', 'sealed')
  return (tonumber(there[1] or 0) or 0) < tonumber(epoch) and (tonumber(there[2] or 0) or 0) <= tonumber(epoch)
end
