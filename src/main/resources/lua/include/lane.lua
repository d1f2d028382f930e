local SALE, STOCK, BUYERS, HOLDS, DUE, LEDGER = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

-- Ended reservations stay readable, and their keys remembered, this long after their end, if the sale does not say otherwise: as long
-- as every caller was promised.
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

local function redis_clock_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The id is epoch-seq, and seq counts without a gap. Redis refuses an id that is not above the last one: so an entry is refused, before
-- anything else is written, where the stream was written by somebody else or where a script before this one failed in the middle.
-- Therefore the ledger's entry is the first thing that a change writes.
local function append(lane, entry)
  local seq = string.format('%d', lane.seq + 1)
  redis.call('XADD', LEDGER, lane.epoch .. '-' .. seq, 'e', entry)
  lane.seq = lane.seq + 1
  return seq
end
