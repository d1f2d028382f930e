-- To be called where the deadline or the lines have changed.
local function renew_facts(hold)
  hold.facts =
    facts_of(digits(hold.held_at), digits(hold.expires_at - hold.held_at), hold.fingerprint, hold.customer, hold.lines)
end
