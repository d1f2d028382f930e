-- A whole number that Redis has as text. Nil where it was lost or is none: tonumber alone would take 'nan', '0x10' and '1e3'.
local function count_in(text)
  if not text or #text > 15 or not string.find(text, '^%-?%d+$') then
    return nil
  end
  return tonumber(text)
end
