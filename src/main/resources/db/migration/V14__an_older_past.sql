-- PostgreSQL may come back older than it was, and Redis may know more than the books then. It is noticed, and the books are brought up.

-- ---- Lives of the database.

create table database_life (
    one         boolean     primary key default true check (one),
    database_id text        not null default gen_random_uuid()::text,
    life        bigint      not null default 1,
    beat        bigint      not null default 0,
    beat_at     timestamptz not null default clock_timestamp()
);
comment on table database_life is 'One row. Nodes count beat up about once a second and keep a copy of it in Redis: a database that is behind the copy has lost commits.';
comment on column database_life.database_id is 'names the copy in Redis; a backup that is restored keeps it';
comment on column database_life.life is 'counts how often the database was found to be older than it was, from 1';
insert into database_life default values;

create function present_life() returns bigint language sql stable as $$
    select life from database_life
$$;

alter table lanes
    add column life bigint not null default present_life(),
    add column restoring_ended boolean not null default false;
comment on column lanes.life is 'in which life of the database the lane was compared with Redis last';
comment on column lanes.restoring_ended is 'the lane was rebuilt and sells, and Redis does not have all ended reservations again: for keys that it does not know PostgreSQL is asked';

-- The stamp orders answers of one life; an answer of a later life counts more than any of an earlier one.
create or replace view listed_sales as
select s.sale_id, s.name, s.opens_at, s.closes_at, s.hold_ms, s.max_hold_ms, s.per_customer_limit, s.currency,
       s.rehearsal, s.state, s.state_reason, s.clock_offset_ms, s.version, s.applied_version, s.updated_at,
       l.lane, l.epoch, l.state as lane_state, s.version + l.version + 1000000000000 * d.life as stamp,
       l.restoring_ended
from sales s
join lanes l on l.sale_id = s.sale_id and l.lane = 0
cross join database_life d;

-- ---- Rebuilds in both directions.

alter table rebuilds
    -- Epochs may come from Redis, too: they are different within a lane only.
    drop constraint rebuilds_pkey,
    add primary key (sale_id, lane, epoch),
    add column source text not null default 'postgres' check (source in ('postgres', 'redis')),
    add column phase text not null default 'sealing',
    add column done bigint not null default 0,
    add column total bigint not null default 0,
    add column opened_at timestamptz,
    add column concluded bigint not null default 0,
    add column discarded bigint not null default 0,
    add column remembered_from timestamptz,
    add column ended_before timestamptz,
    add column ended_before_id text collate "C",
    add column ended_restored bigint not null default 0,
    add column keeper text,
    add column keeper_until timestamptz;
drop index rebuilds_of_sale;
comment on column rebuilds.source is 'whose word counts: the books as they are, or the books after all that Redis knows more was added';
comment on column rebuilds.phase is 'what it does now; done and total say how far it is, in units or rows of that phase';
comment on column rebuilds.opened_at is 'when the lane sold again';
comment on column rebuilds.concluded is 'entries that were added to the books for what Redis knew and the ledger did not have';
comment on column rebuilds.discarded is 'acknowledged reservations that it ended because an admin said so';
comment on column rebuilds.remembered_from is 'by the sale''s clock: what ended before is forgotten by Redis';
comment on column rebuilds.ended_before is 'ended reservations are restored from the newest to the oldest; those held before this one are still missing';
comment on column rebuilds.keeper is 'node that restores ended reservations until keeper_until';

create table rebuild_findings (
    finding_id     bigint generated always as identity primary key,
    sale_id        text collate "C" not null,
    lane           integer not null,
    epoch          bigint  not null,
    kind           text    not null,
    reservation_id text collate "C",
    sku            text collate "C",
    customer_id    text collate "C",
    detail         text    not null,
    foreign key (sale_id, lane, epoch) references rebuilds
);
comment on table rebuild_findings is 'Each reservation that a rebuild ended or concluded, and everything else that was not in the books as Redis had it.';
create index rebuild_findings_of_rebuild on rebuild_findings (sale_id, lane, epoch, finding_id);

-- The longest time that any hold of the sale may have had: how far back ended reservations are looked for.
alter table sales add column longest_hold_ms bigint not null default 0;
comment on column sales.longest_hold_ms is 'the greatest max_hold_ms that it had before the present one';
update sales s
set longest_hold_ms = coalesce((select ceil(extract(epoch from max(r.expires_at - r.held_at)) * 1000)
                                from reservations r where r.sale_id = s.sale_id), 0);

-- ---- What customers bought, without a sum over all history.

create table purchases (
    sale_id     text collate "C" not null,
    lane        integer not null,
    customer_id text collate "C" not null,
    sku         text collate "C" not null,
    units       bigint  not null check (units > 0),
    primary key (sale_id, lane, customer_id, sku)
);
comment on table purchases is 'Units that each customer bought since the sale began, as far as purchases_summed says. A rebuild reads it instead of all reservations; it must come to what stock counts as sold, or it is summed anew.';

create table purchases_summed (
    sale_id text collate "C" not null,
    lane    integer not null,
    epoch   bigint  not null,
    seq     bigint  not null,
    primary key (sale_id, lane),
    foreign key (sale_id, lane) references lanes
);
comment on table purchases_summed is 'The last ledger entry of each lane that is in purchases; it is the last one of its batch.';
