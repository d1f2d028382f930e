-- The refusal where the lane is not being restored in this epoch.
local function refusal_unless_restoring()
  local restoring = redis.call('HGET', SALE, 'restoring')
  if restoring == ARGV[1] then
    return nil
  end
  return {restoring and 'STALE_EPOCH' or 'NO_LANE'}
end
