-- Holds no counter of held units: what is free is what the active reservations leave over.
create index reservations_active on reservations (sale_id, sku, expires_at) include (quantity) where state = 'held';

-- Waiting for the row lock takes time, so clock_timestamp() and not now(), which is when the transaction began. Each statement
-- of the function sees what was committed before it, so the sum sees all that was done under the lock.
create function reserve(
    p_id text, p_sale text, p_sku text, p_quantity bigint, p_customer text, p_hold_seconds double precision,
    out outcome text, out free bigint, out held_at timestamptz, out expires_at timestamptz)
language plpgsql as $$
declare
    unsold bigint;
    active bigint;
begin
    select s.capacity - s.sold into unsold from stock s where s.sale_id = p_sale and s.sku = p_sku for update;
    if not found then
        outcome := 'UNKNOWN_SKU';
        return;
    end if;
    perform from reservations r where r.reservation_id = p_id;
    if found then
        outcome := 'KNOWN';
        return;
    end if;
    select coalesce(sum(r.quantity), 0) into active from reservations r
    where r.sale_id = p_sale and r.sku = p_sku and r.state = 'held' and r.expires_at > clock_timestamp();
    free := unsold - active;
    if free < p_quantity then
        outcome := 'OUT_OF_STOCK';
        return;
    end if;
    held_at := clock_timestamp();
    expires_at := held_at + make_interval(secs => p_hold_seconds);
    insert into reservations values (p_id, p_sale, p_sku, p_quantity, p_customer, 'held', held_at, expires_at);
    outcome := 'HELD';
end
$$;

-- Takes the same row lock first: otherwise a reserve() that runs while the hold becomes due would sell its units again.
create function confirm(p_id text, p_sale text) returns void language plpgsql as $$
declare
    wanted reservations;
begin
    select * into wanted from reservations r where r.reservation_id = p_id and r.sale_id = p_sale;
    if not found then
        return;
    end if;
    perform from stock s where s.sale_id = wanted.sale_id and s.sku = wanted.sku for update;
    update reservations r set state = 'confirmed', ended_at = clock_timestamp()
    where r.reservation_id = p_id and r.state = 'held' and r.expires_at > clock_timestamp();
    if found then
        update stock s set sold = s.sold + wanted.quantity where s.sale_id = wanted.sale_id and s.sku = wanted.sku;
    end if;
end
$$;
