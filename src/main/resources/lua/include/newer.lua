-- Whether the lane has no such epoch yet, and is not to get a later one.
local function is_newer(epoch)
  local there = redis.call('HMGET', SALE, 'epoch', 'sealed')
  return (not there[1] or tonumber(there[1]) < tonumber(epoch)) and (not there[2] or tonumber(there[2]) <= tonumber(epoch))
end
