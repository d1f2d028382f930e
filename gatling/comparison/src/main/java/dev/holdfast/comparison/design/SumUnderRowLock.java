package dev.holdfast.comparison.design;

import dev.holdfast.comparison.design.HoldOutcome.OutOfStock;
import dev.holdfast.comparison.design.HoldOutcome.UnknownSku;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;

/** A PL/pgSQL function locks the product's row and sums its active reservations: sum-under-row-lock.sql. */
public final class SumUnderRowLock implements Design {

    private static final String RESERVE = "select * from reserve($1, $2, $3, $4, $5, $6)";
    private static final String CONFIRM = "select confirm($1, $2)";

    private final ReservationRows rows;

    /** Opens a pool. */
    public SumUnderRowLock(Vertx vertx, String postgresUri) {
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
        return rows.run(RESERVE, parameters)
                .compose(answer -> outcome(request, id, answer.iterator().next()))
                .recover(failure -> rows.replayOf(failure, request, id));
    }

    private Future<HoldOutcome> outcome(HoldRequest request, String id, Row answer) {
        return switch (answer.getString("outcome")) {
            case "HELD" -> Future.succeededFuture(ReservationRows.held(request, id, answer));
            case "OUT_OF_STOCK" -> Future.succeededFuture(new OutOfStock(answer.getLong("free")));
            case "UNKNOWN_SKU" -> Future.succeededFuture(new UnknownSku());
            case "KNOWN" -> rows.whyNotHeld(request, id);
            case String other -> Future.failedFuture(new IllegalStateException("reserve() answered " + other));
        };
    }

    @Override
    public Future<ConfirmOutcome> confirm(String saleId, String reservationId) {
        return rows.run(CONFIRM, Tuple.of(reservationId, saleId))
                .compose(done -> rows.confirmed(saleId, reservationId));
    }

    /** Nothing is taken back: a hold that is due is no longer in the sum. */
    @Override
    public Future<Integer> expire() {
        return Future.succeededFuture(0);
    }

    @Override
    public Future<Void> close() {
        return rows.close();
    }
}
