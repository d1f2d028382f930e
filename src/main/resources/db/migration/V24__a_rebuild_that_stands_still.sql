-- A rebuild renews its lease while it goes on. Where its node ended or stands still, another node marks it as failed.

alter table rebuilds
    add column lease_until   timestamptz,
    add column was_open      boolean not null default false,
    add column was_restoring boolean not null default false;
comment on column rebuilds.lease_until is 'a running rebuild renews it every few seconds; when it is over any node marks the rebuild as failed. Null: begun by an older version, which renews nothing';
comment on column rebuilds.was_open is 'the lane could sell when the rebuild began: it goes on selling where the rebuild failed before it changed anything';
comment on column rebuilds.was_restoring is 'lanes.restoring_ended when the rebuild began';

create index rebuilds_running on rebuilds (lease_until) where state = 'running';
