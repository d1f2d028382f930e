-- What people look for is found without reading a sale from end to end.

-- Without the sale in front: it would be most of the entry, and customers have few reservations in all. The state is not in it, nor
-- anything else that changes, so that the end of a hold writes nothing here.
create index reservations_of_customer on reservations (customer_id, held_at);
-- Room for each row's end on its own page: else it goes to another one, and into every index a second time.
alter table reservations set (fillfactor = 50);

alter table stock
    add column holds bigint not null default 0,
    add column sales bigint not null default 0;
comment on column stock.holds is 'how many reservations hold the units that are held';
comment on column stock.sales is 'how many reservations bought the units that are sold';

update stock s
set holds = r.holds, sales = r.sales
from (select v.sale_id, v.lane, l.sku,
             count(*) filter (where v.state = 'held') as holds, count(*) filter (where v.state = 'confirmed') as sales
      from reservations v
      cross join lateral json_object_keys(v.lines) as l(sku)
      where v.state in ('held', 'confirmed')
      group by v.sale_id, v.lane, l.sku) r
where s.sale_id = r.sale_id and s.lane = r.lane and s.sku = r.sku;

create table releases (
    release_id     bigint generated always as identity primary key,
    sale_id        text collate "C" not null references sales,
    reservation_id text collate "C" not null,
    reason         text        not null,
    actor          text        not null,
    key_name       text        not null,
    request_id     text        not null,
    before         json        not null,
    state          text        not null default 'asked' check (state in ('asked', 'released', 'refused')),
    asked_at       timestamptz not null default clock_timestamp(),
    settled_at     timestamptz
);
comment on table releases is 'Reservations that admins released: written before Redis is told, settled together with the entry in admin_actions.';
comment on column releases.before is 'the reservation as it was when it was asked for, as the audit trail shows it';
create index releases_of_reservation on releases (sale_id, reservation_id, release_id);
-- What a crash left on its way is looked for all the time and is hardly ever there.
create index releases_asked on releases (asked_at) where state = 'asked';

create index admin_actions_by_time on admin_actions (at, action_id);
create index admin_actions_of_sale on admin_actions (sale_id, at, action_id);
