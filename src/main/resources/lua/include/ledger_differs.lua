-- Where the ledger ends, if not where the lane says: a script failed in the middle, or somebody else wrote. Else false. An entry that is
-- appended finds that out by itself; this is for what is written without one.
local function ledger_differs(lane)
  local seq = ledger_end(lane)
  return seq ~= digits(lane.seq) and (seq or '0')
end
