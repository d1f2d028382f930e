-- A list of names in their order, with one space between two. It may be long: it is cut where something comes in, not taken apart.

-- Where `name` belongs at or after `from`, the start of a name; each name in `list` is followed by a space.
local function place_of(list, name, from)
  local low, high = from, #list + 1
  while low < high do
    -- After the last one that came in, most often: names come in their order.
    local middle = low == from and low or math.floor((low + high) / 2)
    local back = math.max(low, middle - 64)
    local start = back + string.find(string.sub(list, back, middle - 1), '%S*$') - 1
    local stop = string.find(list, ' ', middle, true)
    if name < string.sub(list, start, stop - 1) then
      high = start
    else
      low = stop + 1
    end
  end
  return low
end

-- The list with these names in it as well, none of which it has.
local function merged(list, names)
  table.sort(names)
  list = list == '' and '' or list .. ' '
  local pieces, from = {}, 1
  for _, name in ipairs(names) do
    local place = place_of(list, name, from)
    pieces[#pieces + 1] = string.sub(list, from, place - 1)
    pieces[#pieces + 1] = name .. ' '
    from = place
  end
  pieces[#pieces + 1] = string.sub(list, from)
  return string.sub(table.concat(pieces), 1, -2)
end
