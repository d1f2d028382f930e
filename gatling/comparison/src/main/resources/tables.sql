-- What all designs on PostgreSQL share. Half-filled pages keep updates of the hot rows out of the indexes.
create table stock (
    sale_id   text collate "C" not null,
    sku       text collate "C" not null,
    capacity  bigint not null,
    available bigint not null,
    held      bigint not null default 0,
    sold      bigint not null default 0,
    version   bigint not null default 0,
    primary key (sale_id, sku)
) with (fillfactor = 50);

create table reservations (
    reservation_id text collate "C" primary key,
    sale_id        text collate "C" not null,
    sku            text collate "C" not null,
    quantity       bigint not null,
    customer_id    text not null,
    state          text not null check (state in ('held', 'confirmed', 'expired')),
    held_at        timestamptz not null,
    expires_at     timestamptz not null,
    ended_at       timestamptz
) with (fillfactor = 80);
