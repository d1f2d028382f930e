-- Many sales: nodes share the lanes by one lease each, and what changed about sales is found without reading all sales.

-- ---- Leases: a node says that it lives, in one row, and not in a row of each lane.

alter table nodes add column records_until timestamptz;
comment on column nodes.records_until is 'until then the lanes that name this node as their recorder are its own; null: it records nothing';

alter table lanes drop column lease_until;
comment on column lanes.recorder is 'node that records this lane, for as long as nodes.records_until says; a courtesy between nodes, the cursor is the safety. While the lane is rebuilt: the rebuild, and nobody else moves the cursor';

-- Each batch makes a new version of a lane's row. The usual share of a table's rows would let thousands of dead versions of the same few
-- rows pile up, which each lookup then walks over.
alter table lanes set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
alter table nodes set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);

-- ---- What changed about sales.

-- A transaction that began earlier may be committed later, so neither a time nor a sequence says what a reader has not seen yet. The
-- transaction's own number does, with the snapshot of the reader: all that is below the snapshot's xmin was there for it to see.
alter table sales add column changed_in bigint not null default pg_current_xact_id()::text::bigint;
alter table lanes add column changed_in bigint not null default pg_current_xact_id()::text::bigint;
comment on column sales.changed_in is 'transaction that changed the row last';
comment on column lanes.changed_in is 'transaction that changed what nodes know of the lane; not the cursor';

create function note_change() returns trigger language plpgsql as $$
begin
    new.changed_in := pg_current_xact_id()::text::bigint;
    return new;
end
$$;
create trigger sales_changed before update on sales for each row execute function note_change();
create trigger lanes_changed before update on lanes for each row when (old.version is distinct from new.version)
    execute function note_change();

create index sales_changed on sales (changed_in);
create index lanes_changed on lanes (changed_in);
