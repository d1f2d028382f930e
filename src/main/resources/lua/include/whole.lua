-- Java checks numbers too; Lua's tonumber alone would take 'nan', '0x10' and '1e3'.
local function whole(text, least, most)
  if type(text) ~= 'string' or not string.find(text, '^%d+$') or #text > 15 then
    return nil
  end
  local number = tonumber(text)
  if number < least or number > most then
    return nil
  end
  return number
end
