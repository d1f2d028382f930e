-- Keys that admins make. Those of the environment are not here.

create table api_keys (
    key_id       bigint generated always as identity primary key,
    name         text collate "C" not null,
    scope        text        not null check (scope in ('checkout', 'admin', 'read')),
    digest       bytea       not null unique check (octet_length(digest) = 32),
    created_at   timestamptz not null,
    created_by   text        not null,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
comment on table api_keys is 'Who may call. A name has two valid keys at most: the old one and the new one, while callers change over.';
comment on column api_keys.digest is 'SHA-256 of the key, which is nowhere: it was shown once, when it was made';
comment on column api_keys.created_by is 'the actor; the whole story is in admin_actions';
comment on column api_keys.expires_at is 'from then on it is nobody''s; null: never';
comment on column api_keys.last_used_at is 'late by about a minute; null: never';
