package dev.holdfast.comparison.design;

import dev.holdfast.comparison.design.HoldOutcome.LockNotTaken;
import dev.holdfast.comparison.design.HoldOutcome.UnknownSku;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;

/**
 * A SET NX lock for the product keeps others away, and the version in the UPDATE catches those who come all the same, after a
 * lease that ran out.
 */
public final class OptimisticUpdateUnderSetNx implements Design {

    private static final String WRITE = """
            with taken as (
                update stock set available = $7, held = $8, version = version + 1
                where sale_id = $2 and sku = $3 and version = $9
                returning clock_timestamp() as held_at)
            insert into reservations
            select $1, $2, $3, $4, $5, 'held', held_at, held_at + make_interval(secs => $6) from taken
            returning held_at, expires_at
            """;

    private final ReservationRows rows;
    private final ProductLock lock;

    /** Opens a pool and a connection. */
    public OptimisticUpdateUnderSetNx(Vertx vertx, String postgresUri, String redisUri) {
        rows = new ReservationRows(vertx, postgresUri);
        lock = new SetNxLock(vertx, redisUri);
    }

    @Override
    public Future<HoldOutcome> hold(HoldRequest request) {
        String id = ReservationIds.idOf(request);
        return lock.under(request.saleId(), request.sku(), () -> readAndWrite(request, id))
                .map(outcome -> outcome.orElseGet(LockNotTaken::new))
                .recover(failure -> rows.replayOf(failure, request, id));
    }

    private Future<HoldOutcome> readAndWrite(HoldRequest request, String id) {
        return StockReading.of(rows, request.saleId(), request.sku(), id).compose(read -> {
            if (read.isEmpty()) {
                return Future.succeededFuture(new UnknownSku());
            }
            StockReading stock = read.get();
            return stock.refuses(request) ? stock.refusal(rows, request, id) : write(request, id, stock);
        });
    }

    private Future<HoldOutcome> write(HoldRequest request, String id, StockReading stock) {
        Tuple parameters = Tuple.of(
                        id,
                        request.saleId(),
                        request.sku(),
                        (long) request.quantity(),
                        request.customerId(),
                        request.holdMs() / 1000.0)
                .addLong(stock.available() - request.quantity())
                .addLong(stock.held() + request.quantity())
                .addLong(stock.version());
        return rows.run(WRITE, parameters)
                .compose(written -> ReservationRows.first(written)
                        .map(times -> Future.succeededFuture(ReservationRows.held(request, id, times)))
                        // Another changed the row since: a confirmation, the sweep, or an owner whose lease ran out.
                        .orElseGet(() -> readAndWrite(request, id)));
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
        return Future.join(rows.close(), lock.close()).mapEmpty();
    }
}
