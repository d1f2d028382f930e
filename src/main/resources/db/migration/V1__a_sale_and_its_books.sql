-- Holdfast's books: what admins set up, and what the recorder carries over from Redis.
-- Times come from the sale's clock in Redis, to the millisecond; only recorded_at and its like are this server's own.
-- Identifiers are compared byte by byte, as Redis and Java compare them.

create table sales (
    sale_id            text collate "C" primary key,
    name               text        not null,
    opens_at           timestamptz,
    closes_at          timestamptz,
    hold_ms            bigint      not null,
    max_hold_ms        bigint      not null,
    per_customer_limit bigint      not null,
    currency           text        not null,
    rehearsal          boolean     not null,
    state              text        not null check (state in ('open', 'paused', 'closed')),
    state_reason       text,
    clock_offset_ms    bigint      not null,
    version            bigint      not null,
    applied_version    bigint      not null default 0,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now()
);
comment on table sales is 'What an admin decided about each sale. Written before Redis: applied_version says what Redis has of it.';
comment on column sales.opens_at is 'null: at once';
comment on column sales.closes_at is 'null: never';
comment on column sales.per_customer_limit is 'units over all SKUs, 0 for no limit';

create table skus (
    sale_id             text collate "C" not null references sales,
    sku                 text collate "C" not null,
    product_id          text,
    attributes          json        not null,
    price               bigint,
    per_customer_limit  bigint      not null,
    low_stock_threshold bigint,
    reorder_quantity    bigint,
    capacity            bigint      not null check (capacity >= 0),
    version             bigint      not null,
    applied_version     bigint      not null default 0,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    primary key (sale_id, sku)
);
comment on table skus is 'What an admin decided about each SKU. Counts are in stock: they move with every reservation, these do not.';
comment on column skus.attributes is 'json, not jsonb: it keeps the order in which they were given';
comment on column skus.price is 'minor units of the sale''s currency';
comment on column skus.capacity is 'units the SKU was put up with';

-- Never reset and never reused: a Redis that comes back with an older life of a lane must not be taken for the present one.
create sequence lane_epoch;
-- Two databases that meet the same Redis must not give out the same epochs, and the younger one's have to be the higher ones.
select setval('lane_epoch', (extract(epoch from clock_timestamp()) * 1000)::bigint);

create table lanes (
    sale_id      text collate "C" not null references sales,
    lane         integer     not null,
    epoch        bigint      not null,
    state        text        not null check (state in ('preparing', 'open', 'recovering', 'frozen')),
    state_reason text,
    version      bigint      not null default 1,
    recorded_seq bigint      not null default 0,
    recorder     text,
    lease_until  timestamptz,
    primary key (sale_id, lane)
) with (fillfactor = 50);
comment on table lanes is 'Whether a lane may sell, and the cursor: how far its ledger is recorded. Half-filled pages, because every batch updates it.';
comment on column lanes.version is 'counts changes of epoch and state, so that a late reader does not take old news for new';
comment on column lanes.recorded_seq is 'last seq of this epoch that is committed; moved only by compare-and-set, together with what it stands for';
comment on column lanes.recorder is 'node that records this lane until lease_until; a courtesy between nodes, the cursor is the safety';

-- The directory's question, asked by every node every second. The stamp orders answers: it only grows.
create view listed_sales as
select s.sale_id, s.name, s.opens_at, s.closes_at, s.hold_ms, s.max_hold_ms, s.per_customer_limit, s.currency,
       s.rehearsal, s.state, s.state_reason, s.clock_offset_ms, s.version, s.applied_version, s.updated_at,
       l.lane, l.epoch, l.state as lane_state, s.version + l.version as stamp
from sales s
join lanes l on l.sale_id = s.sale_id and l.lane = 0;

-- What a crash left between PostgreSQL and Redis is looked for all the time and is hardly ever there.
create index skus_unapplied on skus (updated_at) where applied_version < version;

create table stock (
    sale_id    text collate "C" not null,
    lane       integer     not null,
    sku        text collate "C" not null,
    capacity   bigint      not null,
    available  bigint      not null,
    held       bigint      not null,
    sold       bigint      not null,
    version    bigint      not null,
    updated_at timestamptz not null default now(),
    primary key (sale_id, lane, sku),
    foreign key (sale_id, lane) references lanes,
    constraint stock_adds_up
        check (available >= 0 and held >= 0 and sold >= 0 and available + held + sold = capacity)
) with (fillfactor = 50);
comment on table stock is 'Where the units are: the fold of the ledger. Half-filled pages, because every batch updates it.';
comment on constraint stock_adds_up on stock is 'The last line of defence: what violates it freezes the lane.';

create table reservations (
    sale_id        text collate "C" not null,
    reservation_id text collate "C" not null,
    lane           integer     not null,
    customer_id    text collate "C" not null,
    state          text        not null check (state in ('held', 'confirmed', 'released', 'expired')),
    lines          jsonb       not null,
    units          bigint      not null,
    held_at        timestamptz not null,
    expires_at     timestamptz not null,
    ended_at       timestamptz,
    revision       bigint      not null,
    fingerprint    text        not null,
    epoch          bigint      not null,
    seq            bigint      not null,
    recorded_at    timestamptz not null default now(),
    primary key (sale_id, reservation_id, held_at)
) with (fillfactor = 80);
comment on table reservations is 'The present state of each reservation: the fold of the ledger. A key that is used again a day after its reservation ended makes another one under the same id.';
comment on column reservations.lines is 'units by SKU';
comment on column reservations.revision is 'with held_at it orders all that ever happened under this id';

-- Live holds are few among many ended ones, and a lane is rebuilt from them.
create index reservations_held on reservations (sale_id, lane) where state = 'held';
-- People ask what became of a customer's cart.
create index reservations_customer on reservations (sale_id, customer_id);

create table ledger (
    sale_id        text collate "C" not null,
    lane           integer     not null,
    epoch          bigint      not null,
    seq            bigint      not null,
    op             text        not null,
    at             timestamptz,
    reservation_id text collate "C",
    held_at        timestamptz,
    revision       bigint,
    customer_id    text collate "C",
    entry          text        not null,
    recorded_at    timestamptz not null default now(),
    primary key (sale_id, lane, epoch, seq)
);
comment on table ledger is 'All that happened, append-only: the system of record. Everything else the recorder writes can be told from it.';
comment on column ledger.entry is 'as it stood in Redis';

-- Names an event for ever, in any epoch: one that comes again after a loss of history is not counted twice.
create unique index ledger_event on ledger (sale_id, reservation_id, held_at, revision) where reservation_id is not null;

create table dead_letters (
    dead_letter_id bigint generated always as identity primary key,
    sale_id        text collate "C" not null,
    lane           integer     not null,
    epoch          bigint      not null,
    seq            bigint      not null,
    entry          text        not null,
    problem        text        not null,
    recorded_at    timestamptz not null default now(),
    unique (sale_id, lane, epoch, seq)
);
comment on table dead_letters is 'Entries nobody can record, kept for people; the ones around them are recorded. NUL stands as \u0000.';

create table incidents (
    incident_id bigint generated always as identity primary key,
    sale_id     text collate "C" not null,
    lane        integer     not null,
    epoch       bigint      not null,
    at          timestamptz not null default now(),
    kind        text        not null check (kind in ('history-lost', 'books-do-not-add-up')),
    detail      text        not null
);
comment on table incidents is 'Every time a lane stopped selling by itself, and why.';

create table audits (
    audit_id       text collate "C" primary key,
    sale_id        text collate "C" not null,
    lane           integer     not null,
    epoch          bigint      not null,
    seq            bigint      not null,
    at             timestamptz not null,
    balanced       boolean     not null,
    drift_units    bigint      not null,
    oversold_units bigint      not null,
    items          json        not null,
    recorded_at    timestamptz not null default now()
);
comment on table audits is 'Redis and PostgreSQL compared at one position of the ledger.';
