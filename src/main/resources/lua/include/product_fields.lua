-- Which SKUs a product has: where one is short, others of its product are offered. They are kept in pages of 20 names, so that nobody has
-- to read or write all of them, however many there are. In the stock's hash:
--   |product|<product>     how many SKUs it has
--   |page|<n>|<product>    a page of their names, from page 0 on; all but the last one are full
--   <sku>|product          the page that has the SKU, then its product; empty for none
local NAMES_A_PAGE = 20

local function page_field(product, number)
  return '|page|' .. digits(number) .. '|' .. product
end

-- The page and the product that the value of <sku>|product names; nil for none.
local function product_in(value)
  local page, product = string.match(value or '', '^(%d+) (.+)$')
  return tonumber(page), product
end
