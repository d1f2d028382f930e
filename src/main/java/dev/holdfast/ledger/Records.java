package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Everything that people can look up in the books. All of it is bounded, and on the connections for lookups: the recorder does not wait
 * behind it. Safe for all threads.
 */
public record Records(
        Postgres lookups, ReservationSearch reservations, ReservationHistory history, ActionSearch actions) {

    /** The pool stays the caller's to close. */
    public static Records on(Postgres lookups, ReservationHistory.EntryReader reader) {
        return new Records(
                lookups,
                new ReservationSearch(lookups),
                new ReservationHistory(lookups, reader, ReservationHistory.USUAL_PATIENCE),
                new ActionSearch(lookups));
    }

    /** Where the units of one SKU are; empty while its ledger entry is not recorded. */
    public Future<Optional<RecordedStock>> stock(SaleId saleId, Sku sku) {
        return StockRows.recorded(lookups, saleId, sku);
    }
}
