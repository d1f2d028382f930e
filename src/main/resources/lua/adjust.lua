#!lua flags=allow-oom
--[[
  Changes the capacity of a SKU, if this adjustment is the next one. Each is decided once, in the order of their numbers: again it gets the
  answer that it got, and one that comes after a later one changes nothing.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 sku
    3 adjustment_no      by which PostgreSQL put them in order
    4 adjustment_id
    5 version            of the capacity, if it is applied
    6 capacity           units, from then on
    7 allow_below_held   1 what is held beyond it goes as holds end, 0 it must not be below what is held and sold
  Replies
    ADJUSTED           pending      units that go as holds end
    BELOW_USE          held, sold   nothing was changed; with allow_below_held the capacity is below what is sold
    OUTDATED           adjustment_no of the last one decided, a later one
    VERSION_CONFLICT   version      of the capacity as it is: this is not the next one
    UNKNOWN_SKU
    UNREADABLE                      its counts cannot be read
    MORE_DUE           due holds were taken back, more wait: call again
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    LEDGER_DIFFERS seq, ledger_seq   of the lane's last entry and of the stream's: a script failed in the middle, or somebody else wrote
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include in_parts
--@include work
--@include writes
--@include hold_record
--@include ending
--@include ledger_end
--@include ledger_differs
--@include due
--@include whole

local MOST_REMEMBERED = 10

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
local sku = ARGV[2]
local number = whole(ARGV[3], 1, 999999999999999)
local version = whole(ARGV[5], 2, 999999999999999)
local capacity = whole(ARGV[6], 0, 1000000000)
if not number then
  return {'BAD_ARGUMENT', 'adjustment_no'}
end
if not version then
  return {'BAD_ARGUMENT', 'version'}
end
if not capacity then
  return {'BAD_ARGUMENT', 'capacity'}
end
if ARGV[7] ~= '0' and ARGV[7] ~= '1' then
  return {'BAD_ARGUMENT', 'allow_below_held'}
end

local function counts()
  local c = redis.call('HMGET', STOCK, sku .. '|capacity', sku .. '|held', sku .. '|sold', sku .. '|version', sku .. '|pending',
    sku .. '|adjustment', sku .. '|adjustments')
  local there = {
    capacity = count_in(c[1]),
    held = count_in(c[2]),
    sold = count_in(c[3]),
    version = count_in(c[4]),
    pending = count_in(c[5] or '0'),
    decided = c[6] or '0',
    remembered = c[7] or ''
  }
  there.last = tonumber(string.match(there.decided, '^%d+'))
  there.readable = there.capacity and there.held and there.sold and there.version and there.pending and there.last
  return there, not (c[1] or c[2] or c[3] or c[4])
end

local there, unknown = counts()
if unknown then
  return {'UNKNOWN_SKU'}
end
if not there.readable then
  return {'UNREADABLE'}
end
local last = there.last
if last > number then
  return {'OUTDATED', digits(last)}
end
if last == number then
  local answer = {}
  for word in string.gmatch(there.decided, ' (%S+)') do
    answer[#answer + 1] = word
  end
  return answer
end
if version ~= there.version + 1 then
  return {'VERSION_CONFLICT', digits(there.version)}
end

-- A hold that is due counts as expired: it must not keep an admin from taking its units.
local more_due = false
if capacity < there.held + there.sold then
  more_due = select(4, take_back_due(lane, 100, MOST_WORK))
  there = counts()
end
local allowed = ARGV[7] == '1' and there.sold or there.held + there.sold
if capacity < allowed then
  if more_due then
    return {'MORE_DUE'}
  end
  local ledger_seq = ledger_differs(lane)
  if ledger_seq then
    return {'LEDGER_DIFFERS', digits(lane.seq), ledger_seq}
  end
  local answer = {'BELOW_USE', digits(there.held), digits(there.sold)}
  redis.call('HSET', STOCK, sku .. '|adjustment', digits(number) .. ' ' .. table.concat(answer, ' '))
  return answer
end

local now_capacity = math.max(capacity, there.held + there.sold)
local pending = now_capacity - capacity
local answer = {'ADJUSTED', digits(pending)}

-- The last adjustments are remembered, each as id,version,before,after,pending: a PostgreSQL that comes back older learns from here which
-- requests were done, so that none of them is done a second time.
local function remembered()
  local words = {}
  for word in string.gmatch(there.remembered, '%S+') do
    words[#words + 1] = word
  end
  words[#words + 1] = string.format('%s,%d,%d,%d,%d', ARGV[4], version, there.capacity - there.pending, capacity, pending)
  return table.concat(words, ' ', math.max(1, #words - MOST_REMEMBERED + 1))
end

append(lane, string.format('adjusted %s %s %d %s %d %d %d %d', lane.now, sku, number, ARGV[4], version,
  now_capacity - there.capacity, pending - there.pending, pending))
redis.call('HSET', STOCK, sku .. '|capacity', digits(now_capacity), sku .. '|available', digits(now_capacity - there.held - there.sold),
  sku .. '|version', digits(version), sku .. '|pending', digits(pending),
  sku .. '|adjustment', digits(number) .. ' ' .. table.concat(answer, ' '), sku .. '|adjustments', remembered())
local more = (pending > 0 and 1 or 0) - (there.pending > 0 and 1 or 0)
if more ~= 0 then
  set_pending(lane, more)
end
finish(lane)
return answer
