-- What each key of a lane is, in their order.
local TYPES = {'hash', 'hash', 'hash', 'hash', 'zset', 'stream'}

-- The place of the first key that is of another type, and that type; nil where all are what they should be, or not there.
local function wrong_type()
  for i, wanted in ipairs(TYPES) do
    local found = redis.call('TYPE', KEYS[i]).ok
    if found ~= wanted and found ~= 'none' then
      return i, found
    end
  end
  return nil
end
