-- Reservations, a table for each day on which they were held: indexes and vacuum of a day stay as small as the day, whatever the years
-- before it, and a day whose last reservation has left goes as a whole.

drop view allowances;
alter table reservations rename to reservations_until_now;
alter table reservations_until_now rename constraint reservations_pkey to reservations_until_now_pkey;
alter table reservations_until_now validate constraint reservations_lines_change_by_replacement_only;
alter index reservations_of_customer rename to reservations_until_now_of_customer;

create table reservations (
    sale_id        text collate "C" not null,
    reservation_id text collate "C" not null,
    lane           integer     not null,
    customer_id    text collate "C" not null,
    state          text        not null constraint reservations_state_check check (state in ('held', 'confirmed', 'released', 'expired')),
    lines          json        not null,
    units          bigint      not null,
    held_at        timestamptz not null,
    expires_at     timestamptz not null,
    ended_at       timestamptz,
    revision       bigint      not null,
    fingerprint    text        not null,
    epoch          bigint      not null,
    seq            bigint      not null,
    recorded_at    timestamptz not null default now(),
    primary key (sale_id, held_at, reservation_id),
    -- The recorder writes revision -1 where an entry goes on with other lines than the reservation has.
    constraint reservations_lines_change_by_replacement_only check (revision >= 0)
) partition by range (held_at);
create index reservations_of_customer on reservations (customer_id, held_at);
comment on table reservations is 'The present state of each reservation: the fold of the ledger. A partition for each day (UTC) on which reservations were held. A key that is used again a day after its reservation ended makes another one under the same id.';
comment on column reservations.lines is 'units by SKU; json, because jsonb costs a quarter of the row to read in and nobody looks into it';
comment on column reservations.revision is 'with held_at it orders all that ever happened under this id';

-- Nothing is ever refused for want of a day. Clocks of rehearsals are advanced by weeks: what is held then stands here, too.
create table reservations_default partition of reservations default with (fillfactor = 50);

-- What there is stays where it is, as the partition of today and all before.
do $$
declare
    tomorrow timestamptz := ((now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC';
begin
    with later as (delete from reservations_until_now where held_at >= tomorrow returning *)
    insert into reservations (sale_id, reservation_id, lane, customer_id, state, lines, units, held_at, expires_at, ended_at, revision,
                              fingerprint, epoch, seq, recorded_at)
    select sale_id, reservation_id, lane, customer_id, state, lines, units, held_at, expires_at, ended_at, revision,
           fingerprint, epoch, seq, recorded_at
    from later;
    if exists (select from reservations_until_now) then
        execute format('alter table reservations attach partition reservations_until_now for values from (minvalue) to (%L)', tomorrow);
    else
        drop table reservations_until_now;
    end if;
end
$$;

create view table_days as
select i.inhparent::regclass as parent,
       c.oid::regclass as partition,
       substring(b.bound from 'TO \(''([^'']+)''\)')::timestamptz as ends_at
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as bound) b
where i.inhparent in ('ledger_batches'::regclass, 'reservations'::regclass) and b.bound <> 'DEFAULT';
comment on view table_days is 'The partitions of tables that have one for each day, each with its end.';

create or replace view ledger_days as
select d.partition, d.ends_at from table_days d where d.parent = 'ledger_batches'::regclass;

create view reservation_days as
select d.partition, d.ends_at from table_days d where d.parent = 'reservations'::regclass;
comment on view reservation_days is 'The partitions of reservations, each with its end.';

-- What make_ledger_days did, for any such table. Attaching, not "create table ... partition of": that one would lock the recorder out.
-- Whoever waits for the table's lock keeps the recorder waiting, too: better to give up and come back.
create function make_days(of_table regclass, time_column text, storage text, first_day date, days integer) returns integer
language plpgsql as $$
declare
    made integer := 0;
    day date;
    name text;
    starts_at timestamptz;
    ends_at timestamptz;
    begun boolean;
begin
    for ahead in 0 .. days - 1 loop
        day := first_day + ahead;
        name := of_table || '_' || to_char(day, 'YYYYMMDD');
        starts_at := day::timestamp at time zone 'UTC';
        ends_at := starts_at + interval '24 hours';
        continue when to_regclass(name) is not null
            or exists (select from table_days d where d.partition::text = of_table || '_until_now' and d.ends_at > starts_at);
        -- A day that had to begin without a table of its own ends so.
        execute format('select exists (select from %I where %I >= %L and %I < %L)',
                       of_table || '_default', time_column, starts_at, time_column, ends_at) into begun;
        continue when begun;
        execute format('create table %I (like %s including all) %s', name, of_table, storage);
        execute format('alter table %s attach partition %I for values from (%L) to (%L)', of_table, name, starts_at, ends_at);
        made := made + 1;
    end loop;
    return made;
end
$$;

create or replace function make_ledger_days(first_day date, days integer) returns integer
language sql security definer set lock_timeout = '200ms' as $$
    select make_days('ledger_batches', 'recorded_at', '', first_day, days)
$$;

-- Each row is changed once or twice after it was written, and never later than its hold: room for that on its page keeps it out of the
-- indexes, and vacuum has to come before a fifth of a rush is dead.
create function make_reservation_days(first_day date, days integer) returns integer
language sql security definer set lock_timeout = '200ms' as $$
    select make_days('reservations', 'held_at',
                     'with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05,'
                     ' autovacuum_vacuum_insert_scale_factor = 0.1)',
                     first_day, days)
$$;

-- Only a day of which nothing is left, and that is so long ago that nobody holds anything of it any more.
create function drop_reservation_day(before timestamptz) returns integer
language plpgsql security definer set lock_timeout = '200ms' as $$
declare
    old regclass;
    used boolean;
begin
    for old in
        select d.partition from reservation_days d where d.ends_at <= least(before, now() - interval '24 hours') order by d.ends_at
    loop
        execute format('select exists (select from %s)', old) into used;
        continue when used;
        execute format('lock table %s in access exclusive mode', old);
        execute format('select exists (select from %s)', old) into used;
        continue when used;
        execute format('drop table %s', old);
        return 1;
    end loop;
    return 0;
end
$$;

-- No search_path of a caller's may put other tables in the place of these.
do $$
declare
    made regprocedure;
begin
    foreach made in array array['make_days(regclass, text, text, date, integer)', 'make_ledger_days(date, integer)',
                              'make_reservation_days(date, integer)', 'drop_reservation_day(timestamptz)']::regprocedure[] loop
        execute format('alter function %s set search_path = %I, pg_temp', made, current_schema());
        execute format('revoke all on function %s from public', made);
    end loop;
end
$$;

select make_reservation_days((now() at time zone 'UTC')::date, 8);

create view allowances as
select t.sale_id, t.lane, t.customer_id, t.sku, sum(t.units)::bigint as units
from (select r.sale_id, r.lane, r.customer_id, l.sku collate "C" as sku, l.units::bigint as units
      from reservations r
      cross join lateral json_each_text(r.lines) as l(sku, units)
      where r.state in ('held', 'confirmed')
      union all
      select b.sale_id, b.lane, b.customer_id, b.sku, b.units from bought_units b) t
group by t.sale_id, t.lane, t.customer_id, t.sku;
comment on view allowances is 'Units that each customer holds or has bought, by SKU.';

create view lost_answers as
select t.*
from told_answers t
where not exists (
    select 1
    from reservations r
    where r.sale_id = t.sale_id
      and r.held_at = t.held_at
      and r.reservation_id = t.reservation_id
      and (r.revision > t.revision or (r.revision = t.revision and r.state = t.state) or (t.state = 'held' and r.state = 'confirmed')));
comment on view lost_answers is 'Those that the books lack, now.';

-- ---- Few rows that every transaction of the recorder changes: vacuum comes by how many are dead, not by what share.

alter table stock set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
                       autovacuum_vacuum_cost_delay = 0);
alter table purchases set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
alter table adjustments set (autovacuum_vacuum_scale_factor = 0.05);
