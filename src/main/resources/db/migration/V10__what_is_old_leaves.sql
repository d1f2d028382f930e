-- Details leave when they are old; what they come to stays. And a sale that is over leaves the nodes' loops.

-- ---- The ledger, a table for each day: a day that is old goes at once, without a row being read.

drop view transitions;
drop view ledger;
alter table ledger_batches rename to ledger_batches_until_now;
-- The key of a partitioned table has to have the time in it.
alter table ledger_batches_until_now
    drop constraint ledger_batches_pkey,
    add constraint ledger_batches_until_now_pkey primary key (sale_id, lane, epoch, first_seq, recorded_at);

create table ledger_batches (
    sale_id     text collate "C" not null,
    lane        integer     not null,
    epoch       bigint      not null,
    first_seq   bigint      not null,
    entries     text[]      not null,
    recorded_at timestamptz not null default now(),
    primary key (sale_id, lane, epoch, first_seq, recorded_at)
) partition by range (recorded_at);
-- Compressing costs the recorder more time than writing.
alter table ledger_batches alter column entries set storage external;
comment on table ledger_batches is 'All that happened, append-only, a partition for each day (UTC). Old days are dropped: the reservations, the stock and the sums that were told from them stay. That an entry stands here once is the word of the cursor, which moves by compare-and-set in the same transaction.';
comment on column ledger_batches.entries is 'as they stood in Redis, from first_seq on; null: a dead letter, or an event that is in the ledger already';

-- Nothing is ever refused for want of a day.
create table ledger_batches_default partition of ledger_batches default;

-- What there is stays where it is, as the partition of today and all before.
do $$
declare
    tomorrow timestamptz := ((now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC';
begin
    if exists (select from ledger_batches_until_now) then
        execute format('alter table ledger_batches attach partition ledger_batches_until_now for values from (minvalue) to (%L)', tomorrow);
    else
        drop table ledger_batches_until_now;
    end if;
end
$$;

create view ledger as
select b.sale_id, b.lane, b.epoch, b.first_seq + e.place - 1 as seq, e.entry, b.recorded_at
from ledger_batches b
cross join lateral unnest(b.entries) with ordinality e(entry, place)
where e.entry is not null;
comment on view ledger is 'All that happened, entry by entry, of the days that are kept.';

create view transitions as
select l.sale_id, l.lane, l.epoch, l.seq,
       w.word[1] as op,
       w.word[2] as reservation_key,
       timestamptz 'epoch' + w.word[5]::bigint * interval '1 millisecond' as held_at,
       w.word[3]::bigint as revision,
       timestamptz 'epoch' + (w.word[5]::bigint + w.word[4]::bigint) * interval '1 millisecond' as at,
       timestamptz 'epoch' + (w.word[5]::bigint + w.word[6]::bigint) * interval '1 millisecond' as expires_at,
       w.word[8] as customer_id,
       array_to_string(w.word[9:], ' ') as lines,
       l.recorded_at
from ledger l
cross join lateral (select string_to_array(l.entry, ' ') as word) w
where w.word[1] in ('held', 'extended', 'replaced', 'confirmed', 'released', 'expired');
comment on view transitions is 'What happened to reservations, column by column. A reservation''s id begins with its key, 22 characters.';

create view ledger_days as
select c.oid::regclass as partition,
       substring(b.bound from 'TO \(''([^'']+)''\)')::timestamptz as ends_at
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as bound) b
where i.inhparent = 'ledger_batches'::regclass and b.bound <> 'DEFAULT';
comment on view ledger_days is 'The ledger''s partitions, each with its end.';

-- Only an owner may make and drop tables, and the service's role may own none: these run as their owner.
-- Attaching, not "create table ... partition of": that one would lock the recorder out.
create function make_ledger_days(first_day date, days integer) returns integer
language plpgsql security definer set lock_timeout = '200ms' as $$
declare
    made integer := 0;
    day date;
    name text;
    starts_at timestamptz;
begin
    for ahead in 0 .. days - 1 loop
        day := first_day + ahead;
        name := 'ledger_batches_' || to_char(day, 'YYYYMMDD');
        starts_at := day::timestamp at time zone 'UTC';
        continue when to_regclass(name) is not null
            or exists (select from ledger_days d where d.partition::text = 'ledger_batches_until_now' and d.ends_at > starts_at)
            -- A day that had to begin without a table of its own ends so.
            or exists (select from ledger_batches_default b
                       where b.recorded_at >= starts_at and b.recorded_at < starts_at + interval '24 hours');
        execute format('create table %I (like ledger_batches including all)', name);
        execute format('alter table ledger_batches attach partition %I for values from (%L) to (%L)',
                       name, starts_at, starts_at + interval '24 hours');
        made := made + 1;
    end loop;
    return made;
end
$$;

-- Whoever waits for the ledger's lock keeps the recorder waiting, too: better to give up and come back.
create function drop_ledger_day(before timestamptz) returns integer
language plpgsql security definer set lock_timeout = '200ms' as $$
declare
    oldest regclass;
begin
    select d.partition into oldest
    from ledger_days d
    -- Nobody who may call this can make the ledger forget what has just happened.
    where d.ends_at <= least(before, now() - interval '24 hours')
    order by d.ends_at
    limit 1;
    if oldest is null then
        return 0;
    end if;
    execute format('drop table %s', oldest);
    return 1;
end
$$;

create function forget_late_ledger(before timestamptz, most integer) returns integer
language plpgsql security definer as $$
declare
    removed integer;
begin
    delete from ledger_batches_default
    where ctid = any (array(select ctid from ledger_batches_default
                            where recorded_at < least(before, now() - interval '24 hours') limit most));
    get diagnostics removed = row_count;
    return removed;
end
$$;
comment on function forget_late_ledger is 'Of rows that came when their day had no table.';

-- No search_path of a caller's may put other tables in the place of these.
do $$
declare
    made regprocedure;
begin
    foreach made in array array['make_ledger_days(date, integer)', 'drop_ledger_day(timestamptz)',
                                'forget_late_ledger(timestamptz, integer)']::regprocedure[] loop
        execute format('alter function %s set search_path = %I, pg_temp', made, current_schema());
        execute format('revoke all on function %s from public', made);
    end loop;
end
$$;

select make_ledger_days((now() at time zone 'UTC')::date, 8);

-- ---- What stays of reservations.

create table bought_units (
    sale_id     text collate "C" not null,
    lane        integer not null,
    customer_id text collate "C" not null,
    sku         text collate "C" not null,
    units       bigint  not null check (units > 0),
    primary key (sale_id, lane, customer_id, sku)
);
comment on table bought_units is 'Of reservations that are not in the books any more: units that each customer bought in a sale that is not over, because its limits count them.';

create table past_reservations (
    sale_id      text collate "C" not null,
    sku          text collate "C" not null,
    state        text   not null check (state in ('confirmed', 'released', 'expired')),
    reservations bigint not null,
    units        bigint not null,
    primary key (sale_id, sku, state)
);
comment on table past_reservations is 'How many reservations are not in the books any more, by SKU and how they ended. With the confirmed ones in reservations they come to what is sold.';

create or replace view allowances as
select t.sale_id, t.lane, t.customer_id, t.sku, sum(t.units)::bigint as units
from (select r.sale_id, r.lane, r.customer_id, l.sku collate "C" as sku, l.units::bigint as units
      from reservations r
      cross join lateral json_each_text(r.lines) as l(sku, units)
      where r.state in ('held', 'confirmed')
      union all
      select b.sale_id, b.lane, b.customer_id, b.sku, b.units from bought_units b) t
group by t.sale_id, t.lane, t.customer_id, t.sku;
comment on view allowances is 'Units that each customer holds or has bought, by SKU.';

-- ---- Sales that are over.

alter table lanes
    drop constraint lanes_state_check,
    add constraint lanes_state_check
        check (state in ('preparing', 'open', 'recovering', 'frozen', 'rebuilding', 'retired')),
    add column cleared_at timestamptz;
comment on column lanes.cleared_at is 'when the keys of a retired lane left Redis; null: not yet';

-- Every node asks for these every second; the sales of years stand beside them. No batch changes what is in it.
create index lanes_in_use on lanes (sale_id) where state <> 'retired';
create index lanes_to_clear on lanes (sale_id) where state = 'retired' and cleared_at is null;

-- A lane is retired by its last audit, and that stays; the others leave by age.
create unique index audits_place on audits (sale_id, lane, epoch, seq);
create index audits_recorded on audits (recorded_at);

-- ---- Who looks after all this.

create table housekeeping (
    one         boolean primary key default true check (one),
    node        text,
    lease_until timestamptz,
    ran_at      timestamptz
);
comment on table housekeeping is 'One row: which node is at it until lease_until, and when all was done last. Each of its transactions locks it.';
insert into housekeeping default values;
