-- The key of the reservation that is meant may be another one's by now, a day after the first ended: that one was held at another time.
local function is_meant(hold, held_at)
  return held_at == '0' or hold.held_at == tonumber(held_at)
end

-- Each reservation has an entry in `due`, until both go together. Where the entry of a key without a reservation is there, it was lost.
local function is_lost(key)
  return redis.call('ZSCORE', DUE, key)
end
