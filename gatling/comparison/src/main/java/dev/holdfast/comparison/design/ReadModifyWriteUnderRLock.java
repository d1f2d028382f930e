package dev.holdfast.comparison.design;

import dev.holdfast.comparison.design.HoldOutcome.LockNotTaken;
import dev.holdfast.comparison.design.HoldOutcome.UnknownSku;
import dev.holdfast.comparison.design.ReservationRows.Due;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/**
 * Redisson's RLock for the product, then read, compute in the application, write back. Right as long as nobody outlives the
 * lease, so every change of the counts takes the lock.
 */
public final class ReadModifyWriteUnderRLock implements Design {

    private static final String WRITE = """
            with taken as (
                update stock set available = $7, held = $8
                where sale_id = $2 and sku = $3
                returning clock_timestamp() as held_at)
            insert into reservations
            select $1, $2, $3, $4, $5, 'held', held_at, held_at + make_interval(secs => $6) from taken
            returning held_at, expires_at
            """;

    private final ReservationRows rows;
    private final ProductLock lock;

    /** Opens a pool and Redisson's connections. */
    public ReadModifyWriteUnderRLock(Vertx vertx, String postgresUri, String redisUri) {
        rows = new ReservationRows(vertx, postgresUri);
        lock = new RLockPerProduct(vertx, redisUri);
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
                .addLong(stock.held() + request.quantity());
        return rows.run(WRITE, parameters)
                .map(written ->
                        ReservationRows.held(request, id, written.iterator().next()));
    }

    @Override
    public Future<ConfirmOutcome> confirm(String saleId, String reservationId) {
        return rows.find(reservationId)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Optional.of(new ConfirmOutcome.Unknown()))
                        : lock.under(saleId, found.get().sku(), () -> rows.confirm(saleId, reservationId)))
                .map(outcome -> outcome.orElseGet(ConfirmOutcome.LockNotTaken::new));
    }

    @Override
    public Future<Integer> expire() {
        return rows.expireAll(this::expire);
    }

    private Future<Integer> expire(Due due) {
        return lock.under(due.saleId(), due.sku(), () -> rows.expire(due)).map(ended -> ended.orElse(0));
    }

    @Override
    public Future<Void> close() {
        return Future.join(rows.close(), lock.close()).mapEmpty();
    }
}
