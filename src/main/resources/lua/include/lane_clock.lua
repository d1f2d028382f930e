-- What a lane notes of Redis's clock: the last reading, how far the lane's time is behind it, and the doubt about that. One digit that
-- somebody changes in it would end every hold at once, or let it live for years. So a check over all of it, and over the offset of a
-- rehearsal, is written with the reading. It finds any one digit that is changed: the moduli are prime, and neither 2 nor 5.
local function clock_check(seen_ms, lag_ms, offset_ms, doubt)
  local check = seen_ms % 997 * 7 + lag_ms % 991 * 13 + offset_ms % 983 * 17
  for i = 1, doubt and #doubt or 0 do
    check = (check * 31 + string.byte(doubt, i)) % 99991
  end
  return check
end

local function seen_text(seen_ms, lag_ms, offset_ms, doubt)
  return string.format('%d:%d', seen_ms, clock_check(seen_ms, lag_ms, offset_ms, doubt))
end

-- The reading, the lag and the doubt, false for none. Nil where they are not as they were written. A lane that has noted nothing yet: now_ms.
local function read_clock(seen, lag, doubt, offset_ms, now_ms)
  doubt = doubt and doubt ~= '' and doubt
  if not (seen or lag or doubt) then
    return now_ms, 0, false
  end
  local seen_ms = seen and count_in(string.match(seen, '^(%d+):'))
  local lag_ms = lag and count_in(lag) or not lag and 0
  if not (seen_ms and lag_ms) or seen_text(seen_ms, lag_ms, offset_ms, doubt) ~= seen then
    return nil
  end
  return seen_ms, lag_ms, doubt
end
