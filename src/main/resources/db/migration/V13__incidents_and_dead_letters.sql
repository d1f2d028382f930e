-- Incidents stay open until someone resolves them; dead letters can be mended and replayed; each node shows that it can write.

-- ---- Incidents.

-- The words and their meaning are in one place, the service's list of kinds.
alter table incidents
    drop constraint incidents_kind_check,
    alter column sale_id drop not null,
    alter column lane drop not null,
    alter column epoch drop not null,
    add column state           text        not null default 'open' check (state in ('open', 'resolved')),
    add column subject         text collate "C",
    add column units           bigint,
    add column details         json,
    add column times           bigint      not null default 1,
    add column last_at         timestamptz not null default now(),
    add column resolved_at     timestamptz,
    add column resolved_by     text,
    add column resolved_reason text,
    add constraint incidents_resolution check ((state = 'resolved') = (resolved_at is not null));
comment on table incidents is 'What went wrong and needs a person, or needed one. The same thing that happens again while its incident is open is counted in it.';
comment on column incidents.sale_id is 'null: it is about no sale alone';
comment on column incidents.at is 'when it happened first';
comment on column incidents.subject is 'what of the sale: a SKU, a reservation, a dead letter; null: the sale itself';
comment on column incidents.units is 'how many units it is about; null: not known';
comment on column incidents.detail is 'what happened, as it was the last time';
comment on column incidents.times is 'how often it happened while it was open';
comment on column incidents.resolved_by is 'the actor, as in admin_actions; holdfast where the cause was gone by itself';

-- Until now they had no end. The last one of a sale that is stopped is still to be dealt with.
update incidents i
set last_at = i.at, state = 'resolved', resolved_at = now(), resolved_by = 'holdfast',
    resolved_reason = 'older than the list of open incidents';
update incidents i
set state = 'open', resolved_at = null, resolved_by = null, resolved_reason = null
from (select distinct on (n.sale_id, n.kind) n.incident_id
      from incidents n
      join lanes l on l.sale_id = n.sale_id and l.lane = n.lane and l.state not in ('open', 'retired')
      order by n.sale_id, n.kind, n.incident_id desc) latest
where latest.incident_id = i.incident_id;

create unique index incidents_open on incidents (sale_id, kind, subject) nulls not distinct where state = 'open';
create index incidents_of_sale on incidents (sale_id, incident_id);

-- ---- Dead letters.

alter table dead_letters
    add column state          text not null default 'waiting' check (state in ('waiting', 'replayed', 'discarded')),
    add column reservation_id text collate "C",
    add column stops_lane     boolean not null default true,
    add column mended_entry   text,
    add column took_effect    boolean,
    add column settled_at     timestamptz,
    add column settled_by     text,
    add column settled_reason text,
    add constraint dead_letters_settled check ((state = 'waiting') = (settled_at is null));
comment on column dead_letters.state is 'waiting for a person; replayed: its entry is in the books; discarded: a person said that it is not wanted';
comment on column dead_letters.reservation_id is 'that the entry is about; null: none, or not known';
comment on column dead_letters.stops_lane is 'it moves units, is about a reservation, or cannot be read';
comment on column dead_letters.mended_entry is 'what was replayed in its place; null: the entry as it was';
comment on column dead_letters.took_effect is 'false: the books had what it says already when it was replayed';
comment on column dead_letters.settled_by is 'the actor, as in admin_actions';

create index dead_letters_of_sale on dead_letters (sale_id, dead_letter_id);
create index dead_letters_waiting on dead_letters (sale_id, lane) where state = 'waiting';

-- ---- Adjustments whose entry does not come.

alter table adjustments
    add column sent_again    bigint not null default 0,
    add column decided_epoch bigint,
    add column decided_seq   bigint,
    add column missing_epoch bigint;
comment on column adjustments.sent_again is 'how often Redis said that it had decided about it, while its entry was not recorded';
comment on column adjustments.decided_seq is 'last entry that Redis had in decided_epoch when it said so first: the adjustment''s own is not after it';
comment on column adjustments.missing_epoch is 'in which everything up to decided_seq is recorded, and its entry is not: it is not sent any more in that epoch';

-- ---- Nodes.

create table nodes (
    node_id text collate "C" primary key,
    since   timestamptz not null default now(),
    seen_at timestamptz not null default now()
);
comment on table nodes is 'Which nodes work on this database. Each writes its row about every second, and so knows that it can write. A row that is old is removed.';
