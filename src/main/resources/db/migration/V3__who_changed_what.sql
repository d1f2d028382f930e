-- What people do is written down with what it does, in one transaction; and stock is corrected while it sells.

create table admin_actions (
    action_id  bigint generated always as identity primary key,
    at         timestamptz not null default clock_timestamp(),
    actor      text        not null,
    key_name   text        not null,
    request_id text        not null,
    action     text        not null,
    sale_id    text collate "C",
    subject    text collate "C",
    reason     text,
    before     json,
    after      json
);
comment on table admin_actions is 'The audit trail: every action of an admin, written by the transaction that did it. Append-only.';
comment on column admin_actions.actor is 'who, as the caller says; the name of the key where it does not say';
comment on column admin_actions.request_id is 'the traceId of the answer';
comment on column admin_actions.subject is 'what of the sale: a SKU, a reservation; null: the sale itself. Without a sale: the name of a key';
comment on column admin_actions.before is 'null: it was not there';

create function refuse_to_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete or truncate on admin_actions
    for each statement execute function refuse_to_change();
-- Once more by privilege, for the role that owns the table as for every other.
revoke update, delete, truncate on admin_actions from current_user;

create table adjustments (
    adjustment_no     bigint generated always as identity primary key,
    adjustment_id     text collate "C" not null unique,
    sale_id           text collate "C" not null,
    sku               text collate "C" not null,
    version           bigint      not null,
    capacity_before   bigint      not null,
    capacity_after    bigint      not null check (capacity_after >= 0),
    allow_below_held  boolean     not null,
    reason            text        not null,
    reference         text,
    actor             text        not null,
    key_name          text        not null,
    request_id        text        not null,
    idempotency_key   text collate "C" not null,
    fingerprint       text        not null,
    state             text        not null default 'pending' check (state in ('pending', 'applied', 'refused')),
    pending_reduction bigint,
    created_at        timestamptz not null default clock_timestamp(),
    recorded_at       timestamptz,
    foreign key (sale_id, sku) references skus
);
comment on table adjustments is 'Each change of a capacity: written before Redis is told, applied when Redis said so, recorded when its ledger entry came here.';
comment on column adjustments.adjustment_no is 'Redis decides about each once, in this order: an older one that comes late changes nothing';
comment on column adjustments.version is 'of the capacity, once it is applied';
comment on column adjustments.pending_reduction is 'units that were still held when it was applied: they leave as holds end';

-- One at a time, so that each knows what it starts from.
create unique index adjustments_pending on adjustments (sale_id, sku) where state = 'pending';
-- A refusal is not remembered: its key may be used again.
create unique index adjustments_key on adjustments (sale_id, idempotency_key) where state <> 'refused';
create index adjustments_of_sku on adjustments (sale_id, sku, adjustment_no);
-- What a crash left on its way is looked for all the time and is hardly ever there.
create index adjustments_unrecorded on adjustments (created_at) where recorded_at is null and state <> 'refused';

-- What admins decided about each SKU, its capacity as it was adjusted last.
create view adjusted_skus as
select k.sale_id, k.sku, k.product_id, k.attributes, k.price, k.per_customer_limit, k.low_stock_threshold, k.reorder_quantity,
       coalesce(a.capacity_after, k.capacity) as capacity, coalesce(a.version, 1) as capacity_version,
       k.version, k.applied_version, k.created_at, k.updated_at
from skus k
left join lateral (
    select capacity_after, version from adjustments
    where sale_id = k.sale_id and sku = k.sku and state = 'applied'
    order by adjustment_no desc
    limit 1
) a on true;
comment on column adjusted_skus.capacity is 'units that people decided on; where more than that are held or sold, stock.pending says by how many';

alter table stock
    add column pending bigint not null default 0 check (pending >= 0),
    add column adjustment_no bigint not null default 0;
comment on column stock.pending is 'units that capacity is to shrink by as holds end';
comment on column stock.adjustment_no is 'the last adjustment that is in these counts';
comment on column stock.version is 'of the capacity: counts its adjustments from 1 on';
