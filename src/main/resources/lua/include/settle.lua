-- Ends each hold that is meant in `state`, by the transition `op`, its units going to `target`; one answer each. What has ended already stays
-- as it ended: `done` is the word for what is in that state now, whenever it came there.
local function settle(state, op, target, done)
  local lane, refused = open_lane(ARGV[1])
  if not lane then
    return refused
  end
  local many, meant = meant_holds()
  if not many then
    return {'BAD_ARGUMENT', meant}
  end
  local answers, work = {'DECIDED'}, 0
  for i = 1, many do
    local hold, refusal = nil, 'CALL_AGAIN'
    if work < MOST_WORK then
      hold, refusal = meant(i)
    end
    if not hold then
      answers[i + 1] = {refusal}
    else
      local lines = 0
      if is_due(lane, hold) then
        lines = expire_hold(lane, hold)
      elseif hold.state == 'H' then
        lines = end_hold(lane, hold, state, op, target, lane.now_ms)
      end
      work = work + work_of(lines, #hold.lines)
      answers[i + 1] = shown(hold.state == state and done or 'ENDED', lane, hold)
    end
  end
  write()
  return answers
end
