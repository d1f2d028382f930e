-- What an admin set about a sale, from the arguments behind the first `before`: fields and values of the sale's hash. Nil and the
-- argument's name where it is bad.
local function sale_settings(epoch, before)
  local names = {'version', 'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms', 'customer_limit', 'offset_ms'}
  -- Deadlines are written by Lua, which has 14 digits for a number: a hold lasts a year at most, a clock is 300 years ahead at most.
  local most = {hold_ms = 31536000000, max_hold_ms = 31536000000, offset_ms = 10000000000000}
  if not whole(epoch, 1, 999999999999999) then
    return nil, 'epoch'
  end
  local sets = {}
  for i, name in ipairs(names) do
    local text = ARGV[i + before]
    if name == 'state' then
      if text ~= 'open' and text ~= 'paused' and text ~= 'closed' then
        return nil, name
      end
    elseif not whole(text, 0, most[name] or 999999999999999) then
      return nil, name
    end
    sets[#sets + 1] = name
    sets[#sets + 1] = text
  end
  return sets
end
