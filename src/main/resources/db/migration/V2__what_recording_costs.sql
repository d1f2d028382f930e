-- The recorder writes as fast as a sale goes. What it writes for each entry is one row with one index, in the order of time.

-- The moment of its hold is part of a reservation's id, so whoever has the id has the key. With it in front new rows go to the
-- end of the index, and reservations that were held together are found together when they end.
alter table reservations
    drop constraint reservations_pkey,
    add primary key (sale_id, held_at, reservation_id),
    alter column lines type json using lines::json;
comment on column reservations.lines is 'units by SKU; json, because jsonb costs a quarter of the row to read in and nobody looks into it';

-- Its condition named the state, so that every end of a hold made new entries in all indexes. A lane is rebuilt once in a long
-- while: the sale's part of the primary key is read for that.
drop index reservations_held;

-- Asked by nobody yet.
drop index reservations_customer;

-- One row for what one transaction recorded: a row for each entry cost as much as the reservation.
create table ledger_batches (
    sale_id     text collate "C" not null,
    lane        integer     not null,
    epoch       bigint      not null,
    first_seq   bigint      not null,
    entries     text[]      not null,
    recorded_at timestamptz not null default now(),
    primary key (sale_id, lane, epoch, first_seq)
);
-- Compressing costs the recorder more time than writing.
alter table ledger_batches alter column entries set storage external;
comment on table ledger_batches is 'All that happened, append-only: the system of record. Everything else the recorder writes can be told from it.';
comment on column ledger_batches.entries is 'as they stood in Redis, from first_seq on; null: a dead letter, or an event that is in the ledger already';

insert into ledger_batches (sale_id, lane, epoch, first_seq, entries, recorded_at)
select sale_id, lane, epoch, min(seq), array_agg(entry order by seq), max(recorded_at)
from (select l.*, seq - row_number() over (partition by sale_id, lane, epoch order by seq) as run from ledger l) l
group by sale_id, lane, epoch, run, seq / 1000;

drop table ledger;

create view ledger as
select b.sale_id, b.lane, b.epoch, b.first_seq + e.place - 1 as seq, e.entry, b.recorded_at
from ledger_batches b
cross join lateral unnest(b.entries) with ordinality e(entry, place)
where e.entry is not null;
comment on view ledger is 'All that happened, entry by entry.';

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
