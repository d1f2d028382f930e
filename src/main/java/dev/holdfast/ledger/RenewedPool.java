package dev.holdfast.ledger;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of connections that can be replaced by a new one as a whole, because the driver cannot end a single connection that works and
 * leads to the wrong server. Work that has begun goes on where it began. Safe for all threads.
 */
final class RenewedPool {

    /** One pool. It closes when it is not the present one any more and the last work on it has ended. */
    private static final class Life {

        private final Pool pool;

        /** Pieces of work, and one more for as long as it is the present one. */
        private final AtomicInteger users = new AtomicInteger(1);

        Life(Pool pool) {
            this.pool = pool;
        }

        boolean enter() {
            return users.getAndUpdate(now -> now == 0 ? 0 : now + 1) > 0;
        }

        void leave() {
            if (users.decrementAndGet() == 0) {
                end();
            }
        }

        /** Again, too. */
        void end() {
            pool.close().onFailure(failure -> LOG.debug("old connections not closed: {}", failure.toString()));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(RenewedPool.class);

    private final Vertx vertx;
    private final Supplier<Pool> open;
    private volatile Life life;
    private volatile boolean closed;

    /** Opens pools by the supplier, which is called on the thread of {@link #renew}. */
    RenewedPool(Vertx vertx, Supplier<Pool> open) {
        this.vertx = vertx;
        this.open = open;
        this.life = new Life(open.get());
    }

    /** Does the work on the present pool. */
    <T> Future<T> use(Function<Pool, Future<T>> work) {
        Life used = life;
        while (!used.enter() && !closed) {
            used = life;
        }
        Life entered = used;
        // Not chained: the answer stays on the caller's context, and waits for no connection to end.
        return work.apply(entered.pool).onComplete(done -> entered.leave());
    }

    /**
     * From now on work is done on new connections. To be called on one context only, of which the new pool is a part.
     *
     * @param grace how long work that has begun may go on before its connections are ended
     */
    void renew(Duration grace) {
        if (closed) {
            return;
        }
        Life before = life;
        life = new Life(open.get());
        before.leave();
        vertx.setTimer(grace.toMillis(), over -> before.end());
    }

    /** Ends the connections, and what is done on them. */
    Future<Void> close() {
        closed = true;
        return life.pool.close();
    }
}
