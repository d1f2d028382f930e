package dev.holdfast.recorder;

import dev.holdfast.ledger.PurchaseBook;
import dev.holdfast.ledger.PurchaseBook.Behind;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SaleDirectory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sums what customers buy, so that a rebuild need not. A lane in a rush is left alone until much has gathered: its recorder is to have
 * PostgreSQL for itself, and what is not summed yet a rebuild sums first. Lives on one event loop.
 */
public final class PurchaseSums {

    private static final Logger LOG = LoggerFactory.getLogger(PurchaseSums.class);

    /** A rebuild sums so many in some seconds. */
    private static final long MOST_WAITING = 1_000_000;

    private final PurchaseBook book;
    private final SaleDirectory directory;
    private Map<Lane, Long> recordedBefore = Map.of();
    private long timer = -1;
    private boolean running;

    /** Every node may run one. */
    public PurchaseSums(PurchaseBook book, SaleDirectory directory) {
        this.book = book;
        this.directory = directory;
    }

    /** Takes a step every interval from now on, for lanes that are ours. */
    public void start(Vertx vertx, Duration interval, Predicate<Lane> ours) {
        timer = vertx.setPeriodic(interval.toMillis(), tick -> {
            if (!running) {
                running = true;
                step(ours)
                        .onComplete(done -> running = false)
                        .onFailure(failure -> LOG.debug("purchases are not summed: {}", failure.getMessage()));
            }
        });
    }

    /** Takes no further step. */
    public void stop(Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    /** Sums lanes of which nothing was recorded since the last step, and those of which much is not summed. */
    public Future<Void> step(Predicate<Lane> ours) {
        List<Lane> lanes = directory.known().stream()
                .filter(listed -> listed.laneState() == LaneState.OPEN)
                .map(ListedSale::lane)
                .filter(ours)
                .toList();
        return lanes.isEmpty() ? Future.succeededFuture() : book.behind(lanes).compose(this::sum);
    }

    private Future<Void> sum(List<Behind> behind) {
        Map<Lane, Long> before = recordedBefore;
        Map<Lane, Long> now = new HashMap<>();
        behind.forEach(one -> now.put(one.lane(), one.recordedSeq()));
        recordedBefore = now;
        Iterator<Behind> due = behind.stream()
                .filter(one ->
                        one.entries() > MOST_WAITING || before.getOrDefault(one.lane(), -1L) == one.recordedSeq())
                .iterator();
        return AsyncLoop.whileTrue(
                () -> due.hasNext() ? book.sum(due.next().lane()).map(true) : Future.succeededFuture(false));
    }
}
