-- The refusal where the lane is not being restored in this epoch, else nil and how long ended reservations stay in it.
local function refusal_unless_restoring()
  local there = redis.call('HMGET', SALE, 'restoring', 'retention_ms')
  if there[1] == ARGV[1] then
    return nil, tonumber(there[2]) or RETENTION_MS
  end
  return {there[1] and 'STALE_EPOCH' or 'NO_LANE'}
end
