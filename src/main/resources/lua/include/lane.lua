local SALE, STOCK, BUYERS, HOLDS, DUE, LEDGER = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

-- Ended reservations stay readable, and their keys remembered, this long after their end.
local RETENTION_MS = 86400000

-- Nil and a word where the lane may not be touched: no data here, or data of another life of the lane.
local function open_lane(epoch)
  local f = redis.call('HMGET', SALE, 'epoch', 'state', 'opens_at_ms', 'closes_at_ms', 'hold_ms', 'max_hold_ms',
    'customer_limit', 'offset_ms', 'recorded_seq')
  if not f[1] then
    return nil, 'NO_LANE'
  end
  if f[1] ~= epoch then
    return nil, 'STALE_EPOCH'
  end
  local time = redis.call('TIME')
  local redis_ms = time[1] * 1000 + math.floor(time[2] / 1000)
  return {
    epoch = f[1],
    state = f[2],
    opens_at_ms = tonumber(f[3]),
    closes_at_ms = tonumber(f[4]),
    hold_ms = tonumber(f[5]),
    max_hold_ms = tonumber(f[6]),
    customer_limit = tonumber(f[7]),
    recorded_seq = tonumber(f[9]),
    redis_ms = redis_ms,
    now_ms = redis_ms + tonumber(f[8])
  }
end

-- The stream id is epoch-seq: gap-free by Redis's own counting, and it can never go back to an older epoch.
local function append(lane, entry)
  local id = redis.call('XADD', LEDGER, lane.epoch .. '-*', 'e', entry)
  return string.match(id, '%-(%d+)$')
end

-- Lua writes numbers of 15 digits and more as 1e+14.
local function digits(number)
  return string.format('%d', number)
end

-- Java checks numbers too; Lua's tonumber alone would take 'nan', '0x10' and '1e3'.
local function whole(text, least, most)
  if type(text) ~= 'string' or not string.find(text, '^%d+$') or #text > 15 then
    return nil
  end
  local number = tonumber(text)
  if number < least or number > most then
    return nil
  end
  return number
end
