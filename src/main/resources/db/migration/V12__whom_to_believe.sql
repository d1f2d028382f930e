-- What Redis is compared with before it is believed: the recorded entry at the cursor, one id of the whole deployment, and the secrets
-- from which reservation ids are derived.

alter table lanes
    add column recorded_hash bytea check (octet_length(recorded_hash) = 16);
comment on column lanes.recorded_hash is 'first 16 bytes of the SHA-256 of the text of the entry at recorded_seq; moves with it. Null: nothing is recorded, or by a version that kept no hash';

create table deployment (
    only_row boolean     primary key default true check (only_row),
    id       text        not null check (id <> ''),
    began_at timestamptz not null default clock_timestamp()
);
comment on table deployment is 'One row, written once: the id of the deployment that this database and its Redis belong to. Redis has the same under hf:deployment.';

create table secrets (
    digest   text        primary key,
    first_at timestamptz not null default clock_timestamp(),
    last_at  timestamptz not null default clock_timestamp()
);
comment on table secrets is 'Under which secrets nodes make reservation ids: digests of them, never the secrets.';
comment on column secrets.last_at is 'about when a node last made ids under it: as long after as keys are remembered, every node must know it';
