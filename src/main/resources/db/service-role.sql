-- What the service does with its tables, and so all that the role it runs as may do. The role owns nothing.
-- In psql: set role by \set role <name>. A new table or view starts with a line here.

revoke all on all tables in schema public from :"role";
revoke all on all sequences in schema public from :"role";
grant usage on schema public to :"role";

-- Which migrations there are: read at each start.
grant select on flyway_schema_history to :"role";

-- Changed again and again. To lock `secrets`, so that nodes that start take turns, needs no more than to change it.
grant select, insert, update on secrets to :"role";
grant select, insert, update on sales, skus, lanes, stock, reservations, adjustments, releases, api_keys, sale_fences, bought_units,
    past_reservations, rebuilds, incidents, nodes, redis_clock, audits, ledger_chains, ledger_breaks, told_answers, purchases, purchases_summed to :"role";
grant select, update on housekeeping, database_life to :"role";

-- What was put aside stays as it was; only what became of it is added.
grant select, insert, update (state, mended_entry, took_effect, settled_at, settled_by, settled_reason) on dead_letters to :"role";

-- Written once.
grant select, insert on deployment to :"role";
grant select, insert on ledger_batches, admin_actions, events, rebuild_findings to :"role";

-- One that failed leaves at once, what is answered when it is old.
grant select, insert, update, delete on imports to :"role";

-- What is old leaves; its sums stay.
grant delete on reservations, audits, events, nodes, purchases, told_answers to :"role";
grant execute on function make_ledger_days, drop_ledger_day, forget_late_ledger, make_reservation_days, drop_reservation_day to :"role";

grant select on listed_sales, adjusted_skus, ledger, ledger_days, reservation_days, table_days, transitions, allowances, lost_answers to :"role";
-- The numbers of an older database are passed over.
grant usage, update on sequence lane_epoch, adjustments_adjustment_no_seq to :"role";
