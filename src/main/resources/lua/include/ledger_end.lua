-- The seq of the ledger's last entry (nil where it is not this epoch's), how many there are, and its id; all nil where there is no ledger.
local function ledger_end(lane)
  if redis.call('EXISTS', LEDGER) == 0 then
    return nil
  end
  local info = redis.call('XINFO', 'STREAM', LEDGER)
  local facts = {}
  for i = 1, #info, 2 do
    facts[info[i]] = info[i + 1]
  end
  local id = facts['last-generated-id']
  local epoch, seq = string.match(id, '^(%d+)%-(%d+)$')
  return epoch == lane.epoch and seq or nil, facts['length'], id
end
