-- What nodes know of Redis's clock: a node that starts knows whether it was moved while no node watched.

create table redis_clock (
    only_row        boolean     primary key default true check (only_row),
    redis_ms        bigint      not null,
    watched_from_ms bigint      not null,
    steps           json        not null,
    kept_at         timestamptz not null
);
comment on table redis_clock is 'The last reading of Redis''s clock that a node kept, beside this server''s own clock.';
comment on column redis_clock.redis_ms is 'what Redis''s clock said at kept_at, ms since 1970';
comment on column redis_clock.watched_from_ms is 'since then it was watched without a break, ms since 1970 by that clock';
comment on column redis_clock.steps is 'when it was moved since then and by how much: [{"endedMs", "beganMs", "byMs"}], oldest first; it said at most endedMs before and at least beganMs after';
