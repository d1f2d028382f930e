-- After a loss in Redis: what callers were told of, as far as the nodes that told them remember, and for how long units of lost holds wait
-- for those who held them.

alter table sales
    add column reclaim_ms bigint not null default 60000 check (reclaim_ms >= 0);
comment on column sales.reclaim_ms is 'how long after a loss in Redis units of lost holds wait for those who held them; 0 for not at all';

create or replace view listed_sales as
select s.sale_id, s.name, s.opens_at, s.closes_at, s.hold_ms, s.max_hold_ms, s.per_customer_limit, s.currency,
       s.rehearsal, s.state, s.state_reason, s.clock_offset_ms, s.version, s.applied_version, s.updated_at,
       l.lane, l.epoch, l.state as lane_state, s.version + l.version + 1000000000000 * d.life as stamp,
       l.restoring_ended, s.reclaim_ms
from sales s
join lanes l on l.sale_id = s.sale_id and l.lane = 0
cross join database_life d;

alter table lanes add column discarded_before bigint not null default 0;
comment on column lanes.discarded_before is 'what callers were told of in epochs before this one, and the books lack, was discarded by a person: no rebuild puts it back';

create table told_answers (
    sale_id        text collate "C" not null,
    lane           integer     not null,
    epoch          bigint      not null,
    reservation_id text collate "C" not null,
    held_at        timestamptz not null,
    revision       bigint      not null,
    seq            bigint      not null,
    state          text        not null check (state in ('held', 'confirmed', 'released')),
    customer_id    text collate "C" not null,
    lines          json        not null,
    units          bigint      not null,
    expires_at     timestamptz not null,
    ended_at       timestamptz,
    fingerprint    text        not null,
    node           text        not null,
    filed_at       timestamptz not null default clock_timestamp(),
    primary key (sale_id, lane, epoch, reservation_id)
);
comment on table told_answers is 'Answers that callers got of a lane that lost its history, and that were not recorded when it stopped. Filed by the nodes that gave them; the last of each reservation.';
comment on column told_answers.seq is 'of the entry of that epoch that the answer told of';
