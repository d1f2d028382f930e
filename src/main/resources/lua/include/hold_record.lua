-- One value a hold: state revision seq held_at expires_at ended_at fingerprint customer {sku quantity}
-- state is H(eld), C(onfirmed), R(eleased) or E(xpired); seq is the place of its last transition in the ledger.
local function unpack_hold(id, packed)
  local state, revision, seq, held_at, expires_at, ended_at, fingerprint, customer, lines =
    string.match(packed, '^(%a) (%d+) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (.+)$')
  return {
    id = id,
    packed = packed,
    state = state,
    revision = tonumber(revision),
    seq = tonumber(seq),
    held_at = tonumber(held_at),
    expires_at = tonumber(expires_at),
    ended_at = tonumber(ended_at),
    fingerprint = fingerprint,
    customer = customer,
    lines = lines
  }
end

-- The reservation that is meant, or nil. Its key may be another reservation's by now, a day after it ended: that one was held at
-- another time.
local function meant_hold(key, held_at)
  local packed = redis.call('HGET', HOLDS, key)
  if not packed then
    return nil
  end
  local hold = unpack_hold(key, packed)
  if held_at ~= '0' and hold.held_at ~= tonumber(held_at) then
    return nil
  end
  return hold
end

local function each_line(lines)
  return string.gmatch(lines, '(%S+) (%d+)')
end

local function is_due(lane, hold)
  return hold.state == 'H' and lane.now_ms >= hold.expires_at
end

-- Appends the transition to the ledger and keeps the hold as it is after it. Times go in relative to held_at: a third less to store.
local function store(lane, hold, op, at_ms, previous_lines)
  local entry = op .. ' ' .. hold.id .. ' ' .. hold.held_at .. ' ' .. hold.revision .. ' ' .. (at_ms - hold.held_at)
    .. ' ' .. (hold.expires_at - hold.held_at) .. ' ' .. hold.fingerprint .. ' ' .. hold.customer .. ' ' .. hold.lines
  if previous_lines then
    entry = entry .. ' / ' .. previous_lines
  end
  hold.seq = append(lane, entry)
  hold.packed = hold.state .. ' ' .. hold.revision .. ' ' .. hold.seq .. ' ' .. hold.held_at .. ' ' .. hold.expires_at
    .. ' ' .. hold.ended_at .. ' ' .. hold.fingerprint .. ' ' .. hold.customer .. ' ' .. hold.lines
  redis.call('HSET', HOLDS, hold.id, hold.packed)
  redis.call('ZADD', DUE, hold.state == 'H' and hold.expires_at or hold.ended_at + RETENTION_MS, hold.id)
end

-- Every reply that shows a reservation has this shape.
local function shown(word, lane, hold)
  local recorded = tonumber(hold.seq) <= lane.recorded_seq and '1' or '0'
  return {word, tostring(lane.now_ms), recorded, hold.packed}
end
