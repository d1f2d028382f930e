package dev.holdfast.comparison.design;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;

/** Takes the units if they are there and writes the reservation, in one statement: one transaction, one round trip. */
public final class ConditionalUpdate implements Design {

    private static final String HOLD = """
            with taken as (
                update stock set available = available - $4, held = held + $4, version = version + 1
                where sale_id = $2 and sku = $3 and available >= $4
                  and not exists (select from reservations where reservation_id = $1)
                returning clock_timestamp() as held_at)
            insert into reservations
            select $1, $2, $3, $4, $5, 'held', held_at, held_at + make_interval(secs => $6) from taken
            returning held_at, expires_at
            """;

    private final ReservationRows rows;

    /** Opens a pool. */
    public ConditionalUpdate(Vertx vertx, String postgresUri) {
        rows = new ReservationRows(vertx, postgresUri);
    }

    @Override
    public Future<HoldOutcome> hold(HoldRequest request) {
        String id = ReservationIds.idOf(request);
        Tuple parameters = Tuple.of(
                id,
                request.saleId(),
                request.sku(),
                (long) request.quantity(),
                request.customerId(),
                request.holdMs() / 1000.0);
        return rows.run(HOLD, parameters)
                .compose(written -> ReservationRows.first(written)
                        .map(times -> Future.succeededFuture(ReservationRows.held(request, id, times)))
                        .orElseGet(() -> rows.whyNotHeld(request, id)))
                .recover(failure -> rows.replayOf(failure, request, id));
    }

    @Override
    public Future<ConfirmOutcome> confirm(String saleId, String reservationId) {
        return rows.confirm(saleId, reservationId);
    }

    @Override
    public Future<Integer> expire() {
        return rows.expireAll(rows::expire);
    }

    @Override
    public Future<Void> close() {
        return rows.close();
    }
}
