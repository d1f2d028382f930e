-- The seq of the ledger's last entry and how many there are; nil where it is not this epoch's.
local function ledger_end(lane)
  if redis.call('EXISTS', LEDGER) == 0 then
    return nil
  end
  local info = redis.call('XINFO', 'STREAM', LEDGER)
  local facts = {}
  for i = 1, #info, 2 do
    facts[info[i]] = info[i + 1]
  end
  local epoch, seq = string.match(facts['last-generated-id'], '^(%d+)%-(%d+)$')
  if epoch ~= lane.epoch then
    return nil
  end
  return seq, facts['length']
end
