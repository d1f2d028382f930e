local SALE, STOCK, BUYERS, HOLDS, DUE, LEDGER = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

-- Ended reservations stay readable, and their keys remembered, this long after their end.
local RETENTION_MS = 86400000

-- Lua writes numbers of 15 digits and more as 1e+14. In one call most numbers come several times.
local written = {}
local function digits(number)
  local text = written[number]
  if not text then
    text = string.format('%d', number)
    written[number] = text
  end
  return text
end

-- The lane of this call.
local open_now

-- Nil and a word where the lane may not be touched: no data here, or data of another life of the lane.
local function open_lane(epoch)
  local f = redis.call('HMGET', SALE, 'epoch', 'offset_ms', 'recorded_seq', 'pending')
  if f[1] ~= epoch then
    return nil, f[1] and 'STALE_EPOCH' or 'NO_LANE'
  end
  local time = redis.call('TIME')
  local now_ms = time[1] * 1000 + math.floor(time[2] / 1000) + f[2]
  open_now = {
    epoch = epoch,
    next_entry = epoch .. '-*',
    now_ms = now_ms,
    now = digits(now_ms),
    recorded_seq = tonumber(f[3]),
    -- How many SKUs have capacity that is to go as holds end; hardly ever any.
    pending = f[4]
  }
  return open_now
end

-- The stream id is epoch-seq: gap-free by Redis's own counting, and it can never go back to an older epoch.
local function append(lane, entry)
  return string.sub(redis.call('XADD', LEDGER, lane.next_entry, 'e', entry), #lane.epoch + 2)
end
