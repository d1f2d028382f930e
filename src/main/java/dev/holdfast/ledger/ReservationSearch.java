package dev.holdfast.ledger;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds reservations, ended ones too, in what is recorded. Safe for all threads. */
public final class ReservationSearch {

    /**
     * What they have to be; null where that does not matter.
     *
     * @param state as it is recorded
     * @param fromMs when they were held, ms since 1970 by the sale's clock, this one included
     * @param toMs the same, this one excluded
     */
    public record Query(
            SaleId saleId,
            @Nullable ReservationState state,
            @Nullable CustomerId customerId,
            @Nullable Sku sku,
            @Nullable Long fromMs,
            @Nullable Long toMs) {}

    /** The end of the year 9999. */
    private static final long AFTER_ALL_MS = 253_402_300_799_999L;

    /** Who released it where an admin did: the first whose word was not refused. */
    private static final String WITH_RELEASE = """
            select r.*, d.actor, d.key_name, d.request_id, d.reason, d.asked_at
            from (%s) r
            left join lateral (select * from releases
                               where sale_id = r.sale_id and reservation_id = r.reservation_id and state <> 'refused'
                               order by release_id
                               limit 1) d on r.state = 'released'
            """;

    private static final String NEWEST_FIRST = "held_at desc, reservation_id desc";

    private static final String IN_ORDER = "order by edge, " + NEWEST_FIRST;

    /** By the primary key. */
    private static final String OF_SALE = """
            select * from reservations
            where sale_id = $1 and (held_at, reservation_id) < ($2, $3) and held_at >= $4
            """;

    /** By the index reservations_of_customer; a customer's reservations in other sales count as looked at. */
    private static final String OF_CUSTOMER = """
            select * from reservations
            where customer_id = $8 and (held_at, reservation_id) < ($2, $3) and held_at >= $4
            """;

    private static final String WANTED = """
            sale_id = $1
            and ($5::text is null or state = $5)
            and ($6::text is null or lines ->> $6::text is not null)
            """;

    private static final String FIND_IN_SALE =
            WITH_RELEASE.formatted(BoundedWalk.sql(OF_SALE, NEWEST_FIRST, WANTED, "$7")) + IN_ORDER;

    private static final String FIND_OF_CUSTOMER =
            WITH_RELEASE.formatted(BoundedWalk.sql(OF_CUSTOMER, NEWEST_FIRST, WANTED, "$7")) + IN_ORDER;

    private static final String FIND = WITH_RELEASE.formatted(
            "select * from reservations where sale_id = $1 and held_at = $2 and reservation_id = $3");

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public ReservationSearch(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Finds at most {@code limit}, the one that was held last first. Fails with {@link dev.holdfast.reservation.Unavailable}.
     *
     * @param after where an earlier search ended; null for a new one
     */
    public Future<Found<RecordedReservation, ReservationId>> find(
            Query query, @Nullable ReservationId after, int limit) {
        long toMs = query.toMs() == null ? AFTER_ALL_MS : query.toMs();
        ReservationId from = after != null && after.heldAtMs() < toMs ? after : null;
        ReservationState state = query.state();
        Sku sku = query.sku();
        Tuple arguments = Tuple.of(
                query.saleId().value(),
                Columns.time(from == null ? toMs : from.heldAtMs()),
                from == null ? "" : from.value(),
                Columns.time(query.fromMs() == null ? 0 : query.fromMs()),
                state == null ? null : state.word(),
                sku == null ? null : sku.value(),
                limit + 1);
        CustomerId customerId = query.customerId();
        Future<RowSet<Row>> rows = customerId == null
                ? postgres.query("find reservations of " + query.saleId(), FIND_IN_SALE, arguments)
                : postgres.query(
                        "find reservations of a customer of " + query.saleId(),
                        FIND_OF_CUSTOMER,
                        arguments.addString(customerId.value()));
        return rows.map(found -> BoundedWalk.found(
                found,
                limit,
                ReservationSearch::recorded,
                item -> item.reservation().id()));
    }

    /** Empty if it is not recorded. */
    public Future<Optional<RecordedReservation>> find(SaleId saleId, ReservationId id) {
        return postgres.query(
                        "find reservation " + id + " of " + saleId,
                        FIND,
                        Tuple.of(saleId.value(), Columns.time(id.heldAtMs()), id.value()))
                .map(rows -> SaleRows.first(rows).map(ReservationSearch::recorded));
    }

    private static RecordedReservation recorded(Row row) {
        long recordedAtMs = Columns.ms(row.getOffsetDateTime("recorded_at"));
        Reservation reservation = ReservationRows.reservation(row, recordedAtMs);
        return new RecordedReservation(
                reservation,
                row.getInteger("lane"),
                row.getLong("revision"),
                new LedgerPlace(row.getLong("epoch"), row.getLong("seq")),
                recordedAtMs,
                row.getString("actor") == null ? null : ReleaseBook.release(row));
    }
}
