-- One value a hold: state revision seq ended_after facts, and facts: held_at lasts fingerprint customer {sku quantity}
-- state is H(eld), C(onfirmed), R(eleased) or E(xpired); seq is the place of its last transition in the ledger. Two moments are kept
-- as ms after held_at, a fifth less to store: lasts says until when it is held, ended_after (0 while it is held) when it ended.
-- The facts go into the ledger as they are here, so that a transition need not write them anew.

-- Whether the text is sku quantity, repeated, with one space between them. No quantity has more than six digits.
local function is_cart(text)
  local only = string.match(text, '^%S+ (%d+)$')
  if only then
    return #only <= 6
  end
  local length = -1
  for sku, quantity in string.gmatch(text, '(%S+) (%d+)') do
    if #quantity > 6 then
      return false
    end
    length = length + #sku + #quantity + 2
  end
  return length == #text
end

-- Nil where the value cannot be read: then nobody knows what its reservation holds, and it must not keep others waiting.
local function unpack_hold(key, packed)
  local state, revision, seq, ended_after, facts, held_at, lasts, fingerprint, customer, lines =
    string.match(packed, '^([HCRE]) (%d+) (%d+) (%-?%d+) ((%d+) (%d+) (%S+) (%S+) (.+))$')
  if not state or #revision > 15 or #seq > 15 or #ended_after > 15 or #held_at > 15 or #lasts > 15 or not is_cart(lines) then
    return nil
  end
  held_at = tonumber(held_at)
  return {
    key = key,
    packed = packed,
    state = state,
    revision = tonumber(revision),
    seq = tonumber(seq),
    ended_after = ended_after,
    facts = facts,
    held_at = held_at,
    expires_at = held_at + lasts,
    fingerprint = fingerprint,
    customer = customer,
    lines = lines
  }
end

local function facts_of(held_at, lasts, fingerprint, customer, lines)
  return held_at .. ' ' .. lasts .. ' ' .. fingerprint .. ' ' .. customer .. ' ' .. lines
end

-- Appends the transition to the ledger, and keeps the hold as it is after it when write() comes; `due` is when it is to be looked at
-- again.
local function store(lane, hold, op, at_ms, due, previous_lines)
  local revision = hold.revision + 1
  local entry = string.format('%s %s %d %d ', op, hold.key, revision, at_ms - hold.held_at) .. hold.facts
  if previous_lines then
    entry = entry .. ' / ' .. previous_lines
  end
  local seq = append(lane, entry)
  hold.revision = revision
  hold.seq = tonumber(seq)
  hold.packed = string.format('%s %d %s %s ', hold.state, revision, seq, hold.ended_after) .. hold.facts
  keep(hold.key, hold.packed, due)
  if hold.state == 'H' then
    held_until(lane, due)
  end
end

local function is_due(lane, hold)
  return hold.state == 'H' and lane.now_ms >= hold.expires_at
end

-- Every reply that shows a reservation has this shape.
local function shown(word, lane, hold)
  return {word, lane.now, hold.seq <= lane.recorded_seq and '1' or '0', hold.packed}
end
