-- Audits keep sums and what differs; the ledger's batches are chained, so that none can leave or change unseen.

-- ---- Audits.

alter table audits
    add column first_seq bigint,
    add column skus      bigint,
    add column capacity  bigint,
    add column available bigint,
    add column held      bigint,
    add column sold      bigint;
comment on table audits is 'Redis and PostgreSQL compared, some SKUs at a time, each part at one position of the ledger.';
comment on column audits.first_seq is 'position at which its first part was compared; null: the same as seq';
comment on column audits.seq is 'position at which its last part was compared';
comment on column audits.items is 'SKUs that differed; of audits before this migration all of them';
comment on column audits.capacity is 'sum over all SKUs, in the books; available, held and sold likewise; null: before this migration';

-- ---- The chain.

alter table lanes add column chain bytea;
comment on column lanes.chain is 'of the last batch of its ledger; null: none since there is a chain';

alter table ledger_batches add column chain bytea;
comment on column ledger_batches.chain is 'SHA-256 of the chain of the batch before it in its lane, and of this batch; null: before there was a chain';

create table ledger_chains (
    sale_id   text collate "C" not null,
    lane      integer     not null,
    epoch     bigint      not null,
    last_seq  bigint      not null,
    chain     bytea       not null,
    reason    text        not null,
    noted_at  timestamptz not null default now(),
    primary key (sale_id, lane)
);
comment on table ledger_chains is 'Where the chain of a lane begins that is still there: all up to this place was dropped for its age, or was never chained, or somebody said that it is known to be broken.';
comment on column ledger_chains.chain is 'that the next batch builds on; empty: it is the first';

-- What is there already was never chained.
insert into ledger_chains (sale_id, lane, epoch, last_seq, chain, reason)
select sale_id, lane, epoch, recorded_seq, '', 'what was recorded before there was a chain' from lanes;

-- As before; and the chain goes on from the last batch of each lane in what is dropped.
create or replace function drop_ledger_day(before timestamptz) returns integer
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
    execute format('insert into ledger_chains as c (sale_id, lane, epoch, last_seq, chain, reason)
                    select b.sale_id, b.lane, b.epoch, b.first_seq + cardinality(b.entries) - 1, b.chain, %L
                    from (select distinct on (sale_id, lane) sale_id, lane, epoch, first_seq, recorded_at
                          from %s
                          where chain is not null
                          order by sale_id, lane, epoch desc, first_seq desc) last
                    join %s b using (sale_id, lane, epoch, first_seq, recorded_at)
                    on conflict (sale_id, lane) do update
                    set epoch = excluded.epoch, last_seq = excluded.last_seq, chain = excluded.chain, reason = excluded.reason,
                        noted_at = now()
                    where (c.epoch, c.last_seq) < (excluded.epoch, excluded.last_seq)',
                   'dropped with the day that ended at ' || (select ends_at from ledger_days where partition = oldest), oldest, oldest);
    execute format('drop table %s', oldest);
    return 1;
end
$$;

create or replace function forget_late_ledger(before timestamptz, most integer) returns integer
language plpgsql security definer as $$
declare
    removed integer;
begin
    with gone as (
        delete from ledger_batches_default
        where ctid = any (array(select ctid from ledger_batches_default
                                where recorded_at < least(before, now() - interval '24 hours')
                                order by epoch, first_seq
                                limit most))
        returning sale_id, lane, epoch, first_seq, entries, chain
    ),
    noted as (
        insert into ledger_chains as c (sale_id, lane, epoch, last_seq, chain, reason)
        select distinct on (sale_id, lane) sale_id, lane, epoch, first_seq + cardinality(entries) - 1, chain, 'removed for its age'
        from gone
        where chain is not null
        order by sale_id, lane, epoch desc, first_seq desc
        on conflict (sale_id, lane) do update
        set epoch = excluded.epoch, last_seq = excluded.last_seq, chain = excluded.chain, reason = excluded.reason, noted_at = now()
        where (c.epoch, c.last_seq) < (excluded.epoch, excluded.last_seq)
    )
    select count(*) into removed from gone;
    return removed;
end
$$;

-- No search_path of a caller's may put other tables in the place of these.
do $$
declare
    made regprocedure;
begin
    foreach made in array array['drop_ledger_day(timestamptz)', 'forget_late_ledger(timestamptz, integer)']::regprocedure[] loop
        execute format('alter function %s set search_path = %I, pg_temp', made, current_schema());
    end loop;
end
$$;

create table ledger_breaks (
    sale_id    text collate "C" not null,
    lane       integer     not null,
    epoch      bigint      not null,
    first_seq  bigint      not null,
    before     bytea       not null,
    digest     bytea       not null,
    chain      bytea       not null,
    reason     text        not null,
    noted_at   timestamptz not null default now(),
    primary key (sale_id, lane, epoch, first_seq)
);
comment on table ledger_breaks is 'Batches that do not follow from the one before them, and that somebody has looked at: what they are since then is what they are to stay.';
comment on column ledger_breaks.before is 'chain of the batch before it';
comment on column ledger_breaks.digest is 'SHA-256 of the batch';

-- The recorder writes revision -1 where an entry goes on with other lines than the reservation has: so no statement more has to ask. Rows that
-- are there are not read for it.
alter table reservations add constraint reservations_lines_change_by_replacement_only check (revision >= 0) not valid;
