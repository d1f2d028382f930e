#!lua
--[[
  Replaces the lines of a held cart in one step. Its own units count as free; a refusal leaves it as it was.
  A cart that only shrinks is never refused: pause, window and limits are for what grows.

  KEYS
    1 sale     hash    policy, window, epoch, clock offset
    2 stock    hash    counts per SKU
    3 buyers   hash    units held or bought, per buyer and per buyer and SKU
    4 holds    hash    reservation key -> packed hold
    5 due      zset    reservation key by deadline, ms
    6 ledger   stream  one entry per transition
  ARGV
    1 place    epoch-known: the epoch and the last seq that the caller knows of; then what its clock says, see include/open_lane
    2 key
    3 held_at       ms, of the reservation that is meant; 0 for the newest of its key
    4 lines         sku quantity, all with one space between them
    5 expected_revision   nothing is changed where it has another one; 0 for whichever it has
  Replies
    REPLACED       now_ms, recorded, packed hold
    OTHER_REVISION now_ms, recorded, packed hold   of the hold as it is
    ENDED          now_ms, recorded, packed hold   it is not held any more
    NOT_FOUND
    LOST                                       `due` has its key, and its value is gone
    UNREADABLE     sku, ...   whose counts cannot be read; none: there is a value under its key that is no reservation
    OUT_OF_STOCK   now_ms, first_due_ms, count; then sku, requested, available, held for each short SKU; then sku, available for each alternative
    PURCHASE_LIMIT limit, taken; sku if it is that SKU's limit
    UNKNOWN_SKU    sku, ...
    SALE_NOT_OPEN  now_ms, opens_at_ms
    SALE_PAUSED
    SALE_CLOSED
    MORE_DUE       due holds were taken back, more wait: call again
    BAD_SETTING name   a setting of the sale was lost or cannot be read
    BAD_ARGUMENT   name
    NO_LANE
    STALE_EPOCH
    BEHIND seq, known   the lane's last entry is before what the caller knows of: history was lost
]]
--@include lane
--@include count_in
--@include lane_clock
--@include open_lane
--@include policy
--@include whole
--@include in_parts
--@include work
--@include writes
--@include hold_record
--@include meant
--@include renew_facts
--@include meant_hold
--@include ending
--@include ledger_end
--@include ledger_differs
--@include due
--@include window
--@include taking
--@include product_fields
--@include refusing
--@include replaced_lines
--@include replacing

return replace_cart(nil)
