-- After a loss in Redis of which a node that is gone may have told callers more than anybody remembers: units are offered to receipts first.

alter table lanes add column receipts_first_until timestamptz;
comment on column lanes.receipts_first_until is 'until then nothing new is held: only receipts take units, because a node that is gone told callers of what was lost; null: never so';
comment on table nodes is 'Which nodes work on this database. Each writes its row about every second, and so knows that it can write, and removes it when it ends in order. A row that is a day old is removed; until then it tells that a node died, and with it what it remembered.';

create or replace view listed_sales as
select s.sale_id, s.name, s.opens_at, s.closes_at, s.hold_ms, s.max_hold_ms, s.per_customer_limit, s.currency,
       s.rehearsal, s.state, s.state_reason, s.clock_offset_ms, s.version, s.applied_version, s.updated_at,
       l.lane, l.epoch, l.state as lane_state, s.version + l.version + 1000000000000 * d.life as stamp,
       l.restoring_ended, s.reclaim_ms,
       case when l.receipts_first_until > clock_timestamp()
            then ceil(extract(epoch from l.receipts_first_until - clock_timestamp()) * 1000)::bigint
            else 0 end as receipts_first_ms
from sales s
join lanes l on l.sale_id = s.sale_id and l.lane = 0
cross join database_life d;
