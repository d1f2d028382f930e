package dev.holdfast.admin;

import dev.holdfast.ledger.EndedBook;
import dev.holdfast.redis.LaneRestore;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SaleDirectory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings ended reservations back to lanes that were rebuilt and sell: Redis answers repetitions of their requests again. Until it does,
 * PostgreSQL is asked for keys that Redis does not know, so every node looks for lanes that another node has left half done. To be used on
 * the event loop of its connection.
 */
public final class EndedRestore {

    private static final Logger LOG = LoggerFactory.getLogger(EndedRestore.class);

    private final EndedBook book;
    private final ScriptCalls calls;
    private final String node;
    private final Set<Lane> underWay = new HashSet<>();
    private long timer = -1;

    /** @param node names it among all that restore; a new one for each start */
    public EndedRestore(EndedBook book, ScriptCalls calls, String node) {
        this.book = book;
        this.calls = calls;
        this.node = node;
    }

    /** From now on looks every interval for lanes that nobody restores. */
    public void start(Vertx vertx, SaleDirectory directory, Duration interval) {
        timer = vertx.setPeriodic(interval.toMillis(), tick -> {
            for (ListedSale listed : directory.known()) {
                if (listed.restoringEnded() && listed.laneState() == LaneState.OPEN) {
                    run(listed.lane())
                            .onFailure(failure -> LOG.info(
                                    "lane {}: ended reservations wait: {}", listed.lane(), failure.getMessage()));
                }
            }
        });
    }

    /** Takes up no further lane. */
    public void stop(Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    /** Restores the lane's, unless another node does. Fails as Redis and PostgreSQL do; what was restored until then need not be again. */
    public Future<Void> run(Lane lane) {
        if (!underWay.add(lane)) {
            return Future.succeededFuture();
        }
        return book.take(lane, node)
                .compose(place -> place.isEmpty() ? Future.succeededFuture() : new Run(lane, place.get()).toTheEnd())
                .onComplete(done -> underWay.remove(lane));
    }

    /** One page is read while the one before it is restored. */
    private final class Run {

        private final Lane lane;
        private final LaneRestore restore;
        private Future<EndedBook.Page> next;
        private boolean last;

        Run(Lane lane, EndedBook.Place from) {
            this.lane = lane;
            restore = new LaneRestore(calls, lane);
            next = book.page(lane, from);
        }

        Future<Void> toTheEnd() {
            return AsyncLoop.whileTrue(() -> next.compose(this::restored))
                    .compose(done -> last ? book.finish(lane) : Future.succeededFuture())
                    .onSuccess(done -> LOG.info("lane {}: ended reservations are in Redis again", lane));
        }

        /** Whether there is more to do, and this node is to do it. */
        private Future<Boolean> restored(EndedBook.Page page) {
            last = page.last();
            if (page.reservations().isEmpty() && last) {
                return Future.succeededFuture(false);
            }
            if (!last) {
                next = book.page(lane, page.next());
            }
            return restore.ended(page.reservations())
                    .compose(done -> book.restored(lane, node, page))
                    .map(mine -> {
                        last &= mine;
                        return mine && !page.last();
                    });
        }
    }
}
