package dev.holdfast.comparison.design;

import dev.holdfast.comparison.design.HoldOutcome.OutOfStock;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** What a design that computes in the application reads before it writes: one round trip. */
record StockReading(long available, long held, long sold, long version, boolean known) {

    private static final String READ = """
            select available, held, sold, version,
                   exists (select from reservations where reservation_id = $3) as known
            from stock where sale_id = $1 and sku = $2
            """;

    static Future<Optional<StockReading>> of(ReservationRows rows, String saleId, String sku, String reservationId) {
        return rows.run(READ, Tuple.of(saleId, sku, reservationId))
                .map(found -> ReservationRows.first(found).map(StockReading::reading));
    }

    /** Whether there is a reason not to write; {@link ReservationRows#whyNotHeld} tells which. */
    boolean refuses(HoldRequest request) {
        return known || available < request.quantity();
    }

    /** The answer to a request that this reading refuses. */
    Future<HoldOutcome> refusal(ReservationRows rows, HoldRequest request, String id) {
        return known ? rows.whyNotHeld(request, id) : Future.succeededFuture(new OutOfStock(available));
    }

    private static StockReading reading(Row row) {
        return new StockReading(
                row.getLong("available"),
                row.getLong("held"),
                row.getLong("sold"),
                row.getLong("version"),
                row.getBoolean("known"));
    }
}
