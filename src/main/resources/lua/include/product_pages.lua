-- What this call has read and changed of products.
local products = {}

local function product_named(name)
  local product = products[name]
  if not product then
    product = {size = whole(redis.call('HGET', STOCK, '|product|' .. name), 0, 1000000) or 0, pages = {}, changed = {}}
    products[name] = product
  end
  return product
end

local function page_of(name, product, number)
  local page = product.pages[number]
  if not page then
    page = {}
    for sku in string.gmatch(redis.call('HGET', STOCK, page_field(name, number)) or '', '%S+') do
      page[#page + 1] = sku
    end
    product.pages[number] = page
  end
  product.changed[number] = true
  return page
end

-- Returns what <sku>|product has to be.
local function join_product(name, sku)
  local product = product_named(name)
  local number = math.floor(product.size / NAMES_A_PAGE)
  local page = page_of(name, product, number)
  page[#page + 1] = sku
  product.size = product.size + 1
  return digits(number) .. ' ' .. name
end

-- The last SKU of the product takes the place that becomes free. Returns that SKU and what its |product has to be; nil where it is this one.
local function leave_product(name, number, sku)
  local product = product_named(name)
  local last_page = page_of(name, product, math.floor((product.size - 1) / NAMES_A_PAGE))
  local page = page_of(name, product, number)
  for i, other in ipairs(page) do
    if other == sku then
      local last = table.remove(last_page)
      product.size = product.size - 1
      if last == sku then
        return nil
      end
      page[i] = last
      return last, digits(number) .. ' ' .. name
    end
  end
  return nil
end

-- Tells `set` each field that has changed, and its value.
local function write_products(set)
  for name, product in pairs(products) do
    set('|product|' .. name, digits(product.size))
    for number in pairs(product.changed) do
      set(page_field(name, number), table.concat(product.pages[number], ' '))
    end
  end
  products = {}
end
