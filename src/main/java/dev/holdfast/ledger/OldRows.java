package dev.holdfast.ledger;

import java.time.Duration;
import java.time.Instant;

/**
 * Rows that leave when they are old, each kind by one statement that takes some of them: $1 is the time before which they were
 * recorded, $2 how many at most. A kind that is to leave, too, is added here.
 */
public enum OldRows {

    /**
     * Reservations that have ended, with what they come to left behind: what each buyer bought, where the sale's limits may still ask,
     * and how many there were. A hold never leaves, however old.
     *
     * <p>They are found by the key: whatever was recorded so long ago was held before, by the sale's clock, and that is never behind.
     * No event of theirs can come again: the cursor is past all that this epoch has of them, and another epoch begins with what the
     * books have as held.
     */
    RESERVATIONS("reservations", """
            with old as (
                select r.*
                from sales s
                cross join lateral (
                    select tableoid as day, ctid as place, held_at
                    from reservations
                    where sale_id = s.sale_id and held_at < $1::timestamptz + s.clock_offset_ms * interval '1 millisecond'
                      and state <> 'held' and recorded_at < $1
                    order by held_at
                    limit $2
                ) r
                limit $2
            ),
            gone as (
                delete from reservations
                where ctid = any (array(select place from old)) and (tableoid, ctid) in (select day, place from old)
                  and held_at between (select min(held_at) from old) and (select max(held_at) from old) and state <> 'held'
                returning sale_id, lane, customer_id, state, lines
            ),
            lines as (
                select g.sale_id, g.lane, g.customer_id, g.state, l.sku collate "C" as sku, l.units::bigint as units
                from gone g
                cross join lateral json_each_text(case when json_typeof(g.lines) = 'object' then g.lines else '{}' end) as l(sku, units)
                where l.units ~ '^[1-9][0-9]{0,8}$'
            ),
            bought as (
                insert into bought_units as b (sale_id, lane, customer_id, sku, units)
                select l.sale_id, l.lane, l.customer_id, l.sku, sum(l.units)
                from lines l
                join sales s on s.sale_id = l.sale_id and s.state <> 'closed'
                where l.state = 'confirmed'
                group by l.sale_id, l.lane, l.customer_id, l.sku
                on conflict (sale_id, lane, customer_id, sku) do update set units = b.units + excluded.units
            ),
            past as (
                insert into past_reservations as p (sale_id, sku, state, reservations, units)
                select sale_id, sku, state, count(*), sum(units)
                from lines
                group by sale_id, sku, state
                on conflict (sale_id, sku, state)
                    do update set reservations = p.reservations + excluded.reservations, units = p.units + excluded.units
            )
            select count(*)::integer as removed from gone
            """),

    /** What buyers bought of a sale that is closed: nobody will be limited by it again. */
    BOUGHT_UNITS("bought-units", """
            with gone as (
                delete from bought_units
                where ctid = any (array(
                    select b.place
                    from sales s
                    cross join lateral (
                        select ctid as place from bought_units where sale_id = s.sale_id limit $2
                    ) b
                    where s.state = 'closed' and $1::timestamptz is not null
                    limit $2))
                returning 1
            )
            select count(*)::integer as removed from gone
            """),

    /** What customers bought of a sale that is over for good: it is never rebuilt again. */
    PURCHASES("purchases", """
            with gone as (
                delete from purchases
                where ctid = any (array(
                    select p.place
                    from lanes l
                    cross join lateral (
                        select ctid as place from purchases where sale_id = l.sale_id and lane = l.lane limit $2
                    ) p
                    where l.state = 'retired' and l.cleared_at is not null and $1::timestamptz is not null
                    limit $2))
                returning 1
            )
            select count(*)::integer as removed from gone
            """),

    /** A day of the ledger, one at a time. */
    LEDGER_DAYS("ledger-days", """
            select drop_ledger_day($1) as removed limit $2
            """),

    /** A day of reservations of which nothing is left, one at a time. */
    RESERVATION_DAYS("reservation-days", """
            select drop_reservation_day($1) as removed limit $2
            """),

    /** Batches of the ledger whose day had no partition. */
    LATE_LEDGER("late-ledger", """
            select forget_late_ledger($1, $2::integer) as removed
            """),

    /** Audits, but for the last of each lane. */
    AUDITS("audits", """
            with gone as (
                delete from audits
                where audit_id = any (array(
                    select a.audit_id
                    from audits a
                    where a.recorded_at < $1
                      and exists (select from audits later
                                  where later.sale_id = a.sale_id and later.lane = a.lane
                                    and (later.epoch, later.seq) > (a.epoch, a.seq))
                    order by a.recorded_at
                    limit $2))
                returning 1
            )
            select count(*)::integer as removed from gone
            """),

    /** Events of the outbox, but for the newest: who comes back with an id must be able to see whether it is an old one. */
    EVENTS("events", """
            with gone as (
                delete from events
                where event_id = any (array(
                    select event_id
                    from events
                    where recorded_at < $1 and event_id < (select max(event_id) from events)
                    order by event_id
                    limit $2))
                returning 1
            )
            select count(*)::integer as removed from gone
            """),

    /** What callers were told of before a loss, once no receipt can be of use any more. */
    TOLD_ANSWERS("told-answers", """
            with gone as (
                delete from told_answers
                where ctid = any (array(select ctid from told_answers where filed_at < $1 limit $2))
                returning 1
            )
            select count(*)::integer as removed from gone
            """),

    /** Imports under an Idempotency-Key: a day after their end, as long as any key is remembered, whatever else is kept. */
    IMPORTS("imports", """
            with gone as (
                delete from imports
                where import_id = any (array(
                    select import_id
                    from imports
                    where lease_until < $1 and coalesce(ended_at, begun_at) < $1
                    order by lease_until
                    limit $2))
                returning 1
            )
            select count(*)::integer as removed from gone
            """) {
        @Override
        public Instant oldSince(Instant now, Duration details) {
            return now.minus(KEYS_ARE_REMEMBERED);
        }
    };

    private static final Duration KEYS_ARE_REMEMBERED = Duration.ofHours(24);

    private final String word;
    private final String sql;

    OldRows(String word, String sql) {
        this.word = word;
        this.sql = sql;
    }

    /** As it stands in metrics and logs. */
    public String word() {
        return word;
    }

    /**
     * What was recorded before this is old.
     *
     * @param details how long details are kept
     */
    public Instant oldSince(Instant now, Duration details) {
        return now.minus(details);
    }

    String sql() {
        return sql;
    }
}
