package dev.holdfast.redis;

import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.SaleId;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Which sales Redis knows, whatever PostgreSQL says. To be used on the event loop of its connection. */
public final class SalesInRedis {

    /** Keys that Redis looks at in one step: some tenths of a millisecond. */
    private static final int KEYS_AT_ONCE = 500;

    private static final ScanArgs SALES =
            ScanArgs.Builder.matches(LaneKeys.EVERY_SALE).limit(KEYS_AT_ONCE);

    private final PinnedRedis redis;

    /** Over this connection. */
    public SalesInRedis(PinnedRedis redis) {
        this.redis = redis;
    }

    /**
     * Gives all of them to the work, some at a time, one after the other; a sale may come twice. Fails with
     * {@link dev.holdfast.reservation.Unavailable}, and as the work does.
     */
    public Future<Void> each(Function<List<SaleId>, Future<Void>> work) {
        AtomicReference<ScanCursor> cursor = new AtomicReference<>(ScanCursor.INITIAL);
        return AsyncLoop.whileTrue(() -> redis.<KeyScanCursor<String>>send(
                        "listing sales", Effect.READS, commands -> commands.scan(cursor.get(), SALES))
                .compose(page -> {
                    cursor.set(page);
                    List<SaleId> found = page.getKeys().stream()
                            .map(LaneKeys::saleOf)
                            .flatMap(Optional::stream)
                            .toList();
                    Future<Void> done = found.isEmpty() ? Future.succeededFuture() : work.apply(found);
                    return done.map(!page.isFinished());
                }));
    }
}
