-- What the service does with its tables, and so all that the role it runs as may do. The role owns nothing.
-- In psql: set role by \set role <name>. A new table or view starts with a line here.

revoke all on all tables in schema public from :"role";
revoke all on all sequences in schema public from :"role";
grant usage on schema public to :"role";

-- Which migrations there are: read at each start.
grant select on flyway_schema_history to :"role";

-- Changed again and again; nothing is ever deleted.
grant select, insert, update on sales, skus, lanes, stock, reservations, adjustments, api_keys to :"role";

-- Written once.
grant select, insert on ledger_batches, dead_letters, incidents, audits, admin_actions, events to :"role";

grant select on listed_sales, adjusted_skus, ledger, transitions to :"role";
grant usage on sequence lane_epoch to :"role";
