-- What has to be told to people and other systems: an outbox, written in the transaction of what it tells of.

create table events (
    event_id    bigint generated always as identity primary key,
    type        text        not null,
    sale_id     text collate "C" not null,
    subject     text collate "C" not null,
    at          timestamptz not null,
    data        json        not null,
    recorded_at timestamptz not null default now()
);
comment on table events is 'Outbox: read in the order of event_id, which is the order of commits, from the last one that was read.';
comment on column events.type is 'as CloudEvents has it';
comment on column events.subject is 'what of the sale it is about: a SKU';
comment on column events.at is 'by the sale''s clock';

-- One sale's events, after one of them.
create index events_of_sale on events (sale_id, event_id);

-- Who reads on from the last id he saw must not miss one that was given out earlier and committed later. So whoever writes waits
-- for the one before to be committed: events are rare, and they are the last thing a transaction writes.
create function wait_for_turn_in_events() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock('events'::regclass::oid::bigint);
    return null;
end
$$;
create trigger events_in_turn before insert on events for each statement execute function wait_for_turn_in_events();

-- What was told of a SKU stands beside its counts: it is decided under the same lock.
alter table stock
    add column low_threshold bigint,
    add column low           boolean not null default false,
    add column sold_out      boolean not null default false;
comment on column stock.low_threshold is 'the SKU''s low_stock_threshold, kept by a trigger';
comment on column stock.low is 'told as low, and not clearly above the threshold since';
comment on column stock.sold_out is 'told as sold out, and not back since';

-- Low at the threshold; low no more only above a band over it, or every cart that is given back would end an alert.
create function is_low(was boolean, available bigint, threshold bigint) returns boolean language sql immutable as $$
    select coalesce(available <= threshold + case when was then greatest(1, (threshold + 9) / 10) else 0 end, false)
$$;

-- While a unit is only held it may come back, so nothing is sold out; what was sold out is back when someone can have it.
create function is_sold_out(was boolean, available bigint, held bigint) returns boolean language sql immutable as $$
    select available = 0 and (held = 0 or was)
$$;

-- What stands here already is as it is: nothing crossed.
update stock s
set low_threshold = k.low_stock_threshold,
    low = is_low(false, s.available, k.low_stock_threshold),
    sold_out = is_sold_out(false, s.available, s.held)
from skus k
where k.sale_id = s.sale_id and k.sku = s.sku;

create function copy_low_threshold() returns trigger language plpgsql as $$
begin
    update stock set low_threshold = new.low_stock_threshold where sale_id = new.sale_id and sku = new.sku;
    return null;
end
$$;
create trigger skus_low_threshold after update of low_stock_threshold on skus for each row
when (old.low_stock_threshold is distinct from new.low_stock_threshold) execute function copy_low_threshold();
