-- Ends each hold that is meant in `state`, by the transition `op`, its units going to `target`; one answer each. What has ended already stays
-- as it ended: `done` is the word for what is in that state now, whenever it came there.
local function settle(state, op, target, done)
  local lane, refused = open_lane(ARGV[1])
  if not lane then
    return refused
  end
  local holds, bad = meant_holds()
  if bad then
    return {'BAD_ARGUMENT', bad}
  end
  local answers = {'DECIDED'}
  for i = 1, #holds do
    local hold = holds[i]
    if hold.refusal then
      answers[i + 1] = {hold.refusal}
    else
      if is_due(lane, hold) then
        expire_hold(lane, hold)
      elseif hold.state == 'H' then
        end_hold(lane, hold, state, op, target, lane.now_ms)
      end
      answers[i + 1] = shown(hold.state == state and done or 'ENDED', lane, hold)
    end
  end
  write()
  return answers
end
