-- A lost reservation that was put back by its receipt is a transition, too.

create or replace view transitions as
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
where w.word[1] in ('held', 'extended', 'replaced', 'confirmed', 'released', 'expired', 'reclaimed');
