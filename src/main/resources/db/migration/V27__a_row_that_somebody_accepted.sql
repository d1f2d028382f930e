-- Where the ledger in PostgreSQL was deleted or changed, nothing but Redis, the row itself, or a person says what a reservation is. What was
-- concluded then has to stay known: else each inspection finds the same row again, and a rebuild writes it anew.

alter table reservations add column accepted text;
comment on column reservations.accepted is 'SHA-256 of the row as a repair left it where the ledger could not tell; null: the ledger says what it is. A row that was changed since is not accepted any more.';
