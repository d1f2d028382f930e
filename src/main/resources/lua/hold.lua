#!lua
--[[
  Sets the lines of carts aside, each cart for one buyer, all of its lines or none. Carts are decided in their order, one after the other,
  as if each had been a call of its own: the answer is one answer each.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 key           of the first cart, or two with a space between them; these five are repeated, for 50 carts at most
    3 customer
    4 fingerprint   of the canonical request
    5 hold_ms       0 for the sale's own
    6 lines         sku quantity, all with one space between them
  Replies
    DECIDED        an array for each cart:
    HELD           packed hold                     made now
    REPLAYED       now_ms, recorded, packed hold   the same request came before; then its key, if that is the second of two
    KEY_REUSED                                     another request had this key
    OUT_OF_STOCK   now_ms, first_due_ms, count; then sku, requested, available, held for each short SKU; then sku, available for each alternative
    PURCHASE_LIMIT limit, taken; sku if it is that SKU's limit
    UNKNOWN_SKU    sku, ...
    UNREADABLE     sku, ...                        whose counts cannot be read; none: there is a value under the key that is no reservation
    HOLD_TOO_LONG  max_hold_ms
    SALE_NOT_OPEN  now_ms, opens_at_ms
    SALE_PAUSED
    SALE_CLOSED
    LEDGER_FULL                                    PostgreSQL is too far behind
    MORE_DUE       due holds were taken back, more wait: call again
    LOST                                           its key had a reservation: `due` has it, and its value is gone
    CALL_AGAIN                                     nothing was done: the carts before it were enough for one call
    BAD_SETTING name   a setting of the sale was lost or cannot be read
    BAD_ARGUMENT   name
    and instead of them all:
    BAD_ARGUMENT   name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include policy
--@include whole
--@include in_parts
--@include work
--@include writes
--@include hold_record
--@include ending
--@include ledger_end
--@include ledger_differs
--@include due
--@include window
--@include taking
--@include product_fields
--@include refusing

-- History that PostgreSQL does not have yet may take some 500 MB: memory is left for what must still pass, the ends of the holds there are.
-- Where Redis is nearly full already, however many lanes it has, it may take 11 MB.
local LEDGER_MOST = 5000000
local LEDGER_MOST_IN_LITTLE_MEMORY = 100000
local MOST_MEMORY = 0.75

local MOST_CARTS = 50

-- Two keys of 22 characters each.
local TWO_KEYS = 45

local NOTHING = {}

local lane, refused = open_lane(ARGV[1], true)
if not lane then
  return refused
end
-- While a caller exchanges the secret that keys are made with, a request has two keys: it is held under the first, unless its reservation
-- was made under the second.
local keys, second_keys = {}, {}
for at = 2, #ARGV, 5 do
  local key = ARGV[at]
  if #key == TWO_KEYS then
    second_keys[#keys + 1] = string.sub(key, 24)
    key = string.sub(key, 1, 22)
  end
  keys[#keys + 1] = key
end
if #keys == 0 or #keys > MOST_CARTS or #ARGV ~= 1 + 5 * #keys then
  return {'BAD_ARGUMENT', 'key'}
end

-- A retry must answer as the first attempt did, whatever became of the sale since, or a lost reply would hold twice.
local function replayed(hold, fingerprint)
  if hold.fingerprint ~= fingerprint then
    return {'KEY_REUSED'}
  end
  return shown('REPLAYED', lane, hold)
end

-- Whether too much waits for PostgreSQL. Redis is asked for its memory only where much waits; where it may not be asked, its own limit
-- remains.
local function ledger_is_full()
  local waiting = lane.seq - lane.recorded_seq
  if waiting < LEDGER_MOST_IN_LITTLE_MEMORY or waiting >= LEDGER_MOST then
    return waiting >= LEDGER_MOST
  end
  local info = redis.pcall('INFO', 'memory')
  if type(info) ~= 'string' then
    return false
  end
  local used, limit = string.match(info, 'used_memory:(%d+)'), string.match(info, 'maxmemory:(%d+)')
  return used and limit and tonumber(limit) > 0 and tonumber(used) > MOST_MEMORY * limit
end

-- A cart that may be decided, or nil and why not. The window and the length of the backlog are the same for all carts of a call.
local not_now
local function admitted(key, at)
  if not_now == nil then
    not_now = read_policy(lane) or refusal_by_window(lane) or ledger_is_full() and {'LEDGER_FULL'} or false
  end
  if not_now then
    return nil, not_now
  end
  local hold_ms = ARGV[at + 3] == '0' and 0 or whole(ARGV[at + 3], 0, 31536000000)
  if not hold_ms then
    return nil, {'BAD_ARGUMENT', 'hold_ms'}
  end
  if hold_ms > lane.policy.max_hold_ms then
    return nil, {'HOLD_TOO_LONG', digits(lane.policy.max_hold_ms)}
  end
  local cart = read_cart(key, ARGV[at + 1], ARGV[at + 4], NOTHING)
  if not cart then
    return nil, {'BAD_ARGUMENT', 'lines'}
  end
  cart.fingerprint = ARGV[at + 2]
  cart.hold_ms = hold_ms == 0 and lane.policy.hold_ms or hold_ms
  return cart
end

local answers, carts, places, work = {'DECIDED'}, {}, {}, 0

-- A key without a reservation may have had one that was lost: a second one under it would be another one for the same request. Answers
-- those carts, and returns whether there are any. The units of a lost reservation are still counted for its buyer: so nothing is asked for
-- buyers who have nothing, as nearly all of them in a rush.
local function set_lost_aside(view)
  local nobody_has = not next(view.had)
  -- Where the key of all buyers was lost, nobody seems to have anything.
  if nobody_has and redis.call('EXISTS', BUYERS) == 1 then
    return false
  end
  local asked, of = {}, {}
  for i, cart in ipairs(carts) do
    if nobody_has or view.had[cart.customer] then
      asked[#asked + 1], of[#of + 1] = cart.key, i
      local second_key = second_keys[places[i] - 1]
      if second_key then
        asked[#asked + 1], of[#of + 1] = second_key, i
      end
    end
  end
  local lost, any = {}, false
  for n, score in ipairs(read_scores(DUE, asked)) do
    if score then
      lost[of[n]], any = true, true
    end
  end
  if not any then
    return false
  end
  local others, other_places = {}, {}
  for i, cart in ipairs(carts) do
    if lost[i] then
      answers[places[i]] = {'LOST'}
    else
      others[#others + 1], other_places[#other_places + 1] = cart, places[i]
    end
  end
  carts, places = others, other_places
  return true
end

local known, met = {}, {}
for i, key in ipairs(keys) do
  local at = 5 * i - 3
  if known[i] == nil and work < MOST_WORK then
    -- Not all at once: each may have 20 lines.
    add_all(known, read_all(HOLDS, #keys <= READ_AT_ONCE and keys or some_of(keys, i, READ_AT_ONCE)))
    for j = i, #known do
      local packed = not known[j] and second_keys[j] and redis.call('HGET', HOLDS, second_keys[j])
      if packed then
        keys[j], known[j] = second_keys[j], packed
      end
    end
    key = keys[i]
  end
  if work >= MOST_WORK then
    answers[i + 1] = {'CALL_AGAIN'}
  elseif known[i] then
    local hold = met[key] or unpack_hold(key, known[i])
    met[key] = hold
    local lines = 0
    if hold and is_due(lane, hold) then
      lines = expire_hold(lane, hold)
    end
    work = work + work_of(lines, hold and #hold.lines or 0)
    local answer = hold and replayed(hold, ARGV[at + 2]) or {'UNREADABLE'}
    if key == second_keys[i] and answer[1] == 'REPLAYED' then
      answer[#answer + 1] = key
    end
    answers[i + 1] = answer
  else
    local cart, refusal = admitted(key, at)
    answers[i + 1] = refusal or false
    if cart then
      carts[#carts + 1] = cart
      places[#carts] = i + 1
      work = work + work_of(#cart.skus, #cart.lines)
    end
  end
end
write()
if #carts == 0 then
  return answers
end

local view = decide(lane, carts)
if set_lost_aside(view) then
  view = decide(lane, carts)
end
for i, cart in ipairs(carts) do
  if cart.granted then
    local facts = facts_of(lane.now, digits(cart.hold_ms), cart.fingerprint, cart.customer, cart.lines)
    local seq = append(lane, 'held ' .. cart.key .. ' 1 0 ' .. facts)
    cart.packed = 'H 1 ' .. seq .. ' 0 ' .. facts
    keep(cart.key, cart.packed, lane.now_ms + cart.hold_ms)
    held_until(lane, lane.now_ms + cart.hold_ms)
    answers[places[i]] = {'HELD', cart.packed}
  elseif cart.repeats then
    answers[places[i]] = replayed(unpack_hold(cart.key, cart.repeats.packed), cart.fingerprint)
  else
    answers[places[i]] = refusal_of(lane, cart)
  end
end
write_counts(view)
write()
return answers
