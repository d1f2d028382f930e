-- What Redis lost, PostgreSQL gives back: a lane is written anew, under a new epoch, from these books.

alter table lanes
    drop constraint lanes_state_check,
    add constraint lanes_state_check check (state in ('preparing', 'open', 'recovering', 'frozen', 'rebuilding'));
comment on column lanes.recorder is 'node that records this lane until lease_until; a courtesy between nodes, the cursor is the safety. While the lane is rebuilt: the rebuild, and nobody else moves the cursor';

alter table incidents
    drop constraint incidents_kind_check,
    add constraint incidents_kind_check check (kind in ('history-lost', 'books-do-not-add-up', 'entries-put-aside'));

create table rebuilds (
    epoch        bigint primary key,
    sale_id      text collate "C" not null,
    lane         integer     not null,
    from_epoch   bigint      not null,
    state        text        not null default 'running' check (state in ('running', 'done', 'failed')),
    reason       text        not null,
    started_at   timestamptz not null default clock_timestamp(),
    ended_at     timestamptz,
    reservations bigint,
    put_aside    bigint      not null default 0,
    problem      text,
    foreign key (sale_id, lane) references lanes
);
comment on table rebuilds is 'Every time a lane was written anew into Redis.';
comment on column rebuilds.epoch is 'that it was to get; of two rebuilds at once the one with the higher epoch goes on';
comment on column rebuilds.reservations is 'that Redis has again';
comment on column rebuilds.put_aside is 'entries of from_epoch that the books could not take: they are in dead_letters';
create index rebuilds_of_sale on rebuilds (sale_id, epoch);

-- The one place where allowances are summed: limits count what was held or bought at any time of the sale.
create view allowances as
select r.sale_id, r.lane, r.customer_id, l.sku collate "C" as sku, sum(l.units::bigint)::bigint as units
from reservations r
cross join lateral json_each_text(r.lines) as l(sku, units)
where r.state in ('held', 'confirmed')
group by r.sale_id, r.lane, r.customer_id, l.sku collate "C";
comment on view allowances is 'Units that each customer holds or has bought, by SKU.';
