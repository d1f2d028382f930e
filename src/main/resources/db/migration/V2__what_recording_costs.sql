-- The recorder writes each entry and each reservation once, as fast as a sale goes. An index whose keys come in no order costs more
-- than the row it points to, so only those stay that are asked while a sale runs, and their keys come in the order of time.

-- The moment of its hold is part of a reservation's id, so whoever has the id has the key. With it in front new rows go to the
-- end of the index, and reservations that were held together are found together when they end.
alter table reservations
    drop constraint reservations_pkey,
    add primary key (sale_id, held_at, reservation_id);

-- Its condition named the state, so that every end of a hold made new entries in all indexes. A lane is rebuilt, and held rows are
-- looked for, once in a long while: the sale's part of the primary key is read for that.
drop index reservations_held;

-- Asked by nobody yet.
drop index reservations_customer;

-- An event is known where its reservation is in the books with this revision or a later one: what the reservations tell needs no
-- second index, and what the entry tells needs no second column.
drop index ledger_event;
alter table ledger
    drop column op,
    drop column at,
    drop column reservation_id,
    drop column held_at,
    drop column revision,
    drop column customer_id;

create view transitions as
select l.sale_id, l.lane, l.epoch, l.seq,
       w.word[1] as op,
       w.word[2] as reservation_key,
       timestamptz 'epoch' + w.word[3]::bigint * interval '1 millisecond' as held_at,
       w.word[4]::bigint as revision,
       timestamptz 'epoch' + (w.word[3]::bigint + w.word[5]::bigint) * interval '1 millisecond' as at,
       timestamptz 'epoch' + (w.word[3]::bigint + w.word[6]::bigint) * interval '1 millisecond' as expires_at,
       w.word[8] as customer_id,
       array_to_string(w.word[9:], ' ') as lines,
       l.entry, l.recorded_at
from ledger l
cross join lateral (select string_to_array(l.entry, ' ') as word) w
where w.word[1] in ('held', 'extended', 'replaced', 'confirmed', 'released', 'expired');
comment on view transitions is 'The ledger for people: what happened to reservations, column by column. A reservation''s id begins with its key, 22 characters.';
