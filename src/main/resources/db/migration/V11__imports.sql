-- Files that came with an Idempotency-Key: the same file under the same key is imported once, whatever node it comes to, and gets one answer.

create table imports (
    sale_id         text collate "C" not null references sales,
    idempotency_key text collate "C" not null,
    import_id       uuid        not null unique default gen_random_uuid(),
    fingerprint     text        not null,
    state           text        not null default 'running' check (state in ('running', 'stored', 'done')),
    attempt         integer     not null default 1,
    lease_until     timestamptz not null,
    rows_done       integer     not null default 0,
    rows            integer     not null default 0,
    report          text,
    begun_at        timestamptz not null default clock_timestamp(),
    ended_at        timestamptz,
    primary key (sale_id, idempotency_key),
    check ((report is not null) = (state <> 'running')),
    check ((ended_at is not null) = (state = 'done'))
);
comment on table imports is 'Imports under an Idempotency-Key. One that failed before it did anything is not here: its key may be used again.';
comment on column imports.import_id is 'the adjustments of an import have it in their own idempotency_key';
comment on column imports.fingerprint is 'of the file and of whether it was a trial';
comment on column imports.state is 'running; stored: PostgreSQL has it all, Redis may not yet; done: answered, and the answer is kept for 24 hours';
comment on column imports.attempt is 'counts from 1: a node whose lease ran out has lost the import to a later attempt, and can end nothing of it';
comment on column imports.rows_done is 'how far it is, as a number of its rows';
comment on column imports.report is 'what became of every row, as JSON';

-- Looked through for what is old.
create index imports_by_lease on imports (lease_until);
