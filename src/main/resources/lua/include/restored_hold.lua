-- A reservation of the books as Redis keeps it, from the nine arguments that begin at `at`; nil and the argument's name where it is bad.
-- Its last transition is of another epoch: seq 0 is what counts as recorded in this one from the start.
local function restored_hold(at)
  local state, ended_after = ARGV[at + 1], ARGV[at + 3]
  local held_at, lasts = whole(ARGV[at + 4], 1, 999999999999999), whole(ARGV[at + 5], 0, 999999999999999)
  if not string.find(state, '^[HCRE]$') then
    return nil, 'state'
  end
  if not whole(ARGV[at + 2], 1, 999999999999999) then
    return nil, 'revision'
  end
  if not held_at or not lasts or not string.find(ended_after, '^%-?%d+$') then
    return nil, 'held_at'
  end
  return {
    key = ARGV[at],
    live = state == 'H',
    expires_at = held_at + lasts,
    ended_at = held_at + ended_after,
    packed = state .. ' ' .. ARGV[at + 2] .. ' 0 ' .. ended_after .. ' '
      .. facts_of(ARGV[at + 4], ARGV[at + 5], ARGV[at + 6], ARGV[at + 7], ARGV[at + 8])
  }
end
