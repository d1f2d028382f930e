#!lua flags=no-writes
--[[
  Walks one key of the lane a step at a time, for an inspection. Whatever is there all the while is met once at least.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 what     holds, due, buyers or stock
    3 cursor   0 to begin with, then as the step before answered it
    4 most     entries of a step, 1 to 100; a small key is answered whole
  Replies
    SCANNED   seq, now_ms, cursor of the next step or 0 at the end, then for each entry:
              holds: key, packed hold, its score in due or empty
              due: key, score; of those alone that have no hold
              buyers: field, units
              stock: field, value; of fields about products, which begin with |, only how long it is
    BAD_ARGUMENT name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include in_parts
--@include whole

local lane, refused = open_lane(ARGV[1])
if not lane then
  return refused
end
if not string.find(ARGV[3], '^%d+$') then
  return {'BAD_ARGUMENT', 'cursor'}
end
if not whole(ARGV[4], 1, 100) then
  return {'BAD_ARGUMENT', 'most'}
end

local answer
local function begin(cursor)
  answer = {'SCANNED', digits(lane.seq), lane.now, cursor}
end
local function tell(text)
  answer[#answer + 1] = text
end

local function every_second(list)
  local some = {}
  for i = 1, #list, 2 do
    some[#some + 1] = list[i]
  end
  return some
end

local steps = {}

function steps.holds()
  local step = redis.call('HSCAN', HOLDS, ARGV[3], 'COUNT', ARGV[4])
  begin(step[1])
  local scores = read_scores(DUE, every_second(step[2]))
  for i = 1, #step[2], 2 do
    tell(step[2][i])
    tell(step[2][i + 1])
    tell(scores[(i + 1) / 2] or '')
  end
end

function steps.due()
  local step = redis.call('ZSCAN', DUE, ARGV[3], 'COUNT', ARGV[4])
  begin(step[1])
  local packed = read_all(HOLDS, every_second(step[2]))
  for i = 1, #step[2], 2 do
    if not packed[(i + 1) / 2] then
      tell(step[2][i])
      tell(step[2][i + 1])
    end
  end
end

function steps.buyers()
  local step = redis.call('HSCAN', BUYERS, ARGV[3], 'COUNT', ARGV[4])
  begin(step[1])
  for _, text in ipairs(step[2]) do
    tell(text)
  end
end

function steps.stock()
  local step = redis.call('HSCAN', STOCK, ARGV[3], 'COUNT', ARGV[4])
  begin(step[1])
  for i = 1, #step[2], 2 do
    local field, value = step[2][i], step[2][i + 1]
    tell(field)
    tell(string.sub(field, 1, 1) == '|' and digits(#value) or value)
  end
end

if not steps[ARGV[2]] then
  return {'BAD_ARGUMENT', 'what'}
end
steps[ARGV[2]]()
return answer
