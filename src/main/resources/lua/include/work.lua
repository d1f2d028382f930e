-- While a script runs, Redis serves nobody else. What a call costs grows with the lines of its carts and with the bytes of their names: a line
-- costs about as much as 175 bytes. A call that has done this much leaves the rest to the next one: some 2 ms of Redis.
local MOST_WORK = 40000

local function work_of(lines, bytes)
  return 175 * lines + bytes
end
