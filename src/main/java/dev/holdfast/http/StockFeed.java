package dev.holdfast.http;

import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.StockCounts;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Looks at one sale's stock for everyone who watches it here. To be used on the event loop of its desk. */
final class StockFeed {

    /** From one look to the next: at most ten changes a second. */
    private static final long INTERVAL_MS = 100;

    private final SaleId saleId;
    private final ReservationDesk desk;
    private final Vertx vertx;
    private final Set<StockWatcher> watchers = new LinkedHashSet<>();
    private StockFrame frame;
    private boolean current = true;
    private boolean looking;

    private StockFeed(SaleId saleId, ReservationDesk desk, Vertx vertx, StockFrame frame) {
        this.saleId = saleId;
        this.desk = desk;
        this.vertx = vertx;
        this.frame = frame;
    }

    /** A feed that nobody watches yet; empty where there is no such sale. Fails with {@link Unavailable}. */
    static Future<Optional<StockFeed>> of(SaleId saleId, ReservationDesk desk, Vertx vertx) {
        return desk.standing(saleId)
                .compose(standing -> desk.stock(saleId)
                        .map(counts -> standing.isEmpty() || counts.isEmpty()
                                ? Optional.empty()
                                : Optional.of(new StockFeed(
                                        saleId,
                                        desk,
                                        vertx,
                                        StockFrame.first(saleId, standing.get().state(), counts.get())))));
    }

    boolean isWatched() {
        return !watchers.isEmpty();
    }

    /** Whether the last look was answered. */
    boolean isCurrent() {
        return current;
    }

    /** Shows it what there is, and from now on all that changes. */
    void add(StockWatcher watcher) {
        watchers.add(watcher);
        // Written here, not on the reader's event loop, which serves buyers.
        frame.write(StockFrame.NONE);
        watcher.show(frame);
        if (!looking) {
            looking = true;
            lookLater();
        }
    }

    void remove(StockWatcher watcher) {
        watchers.remove(watcher);
    }

    private void lookLater() {
        vertx.setTimer(INTERVAL_MS, tick -> {
            if (isWatched()) {
                look().onComplete(done -> lookLater());
            } else {
                looking = false;
            }
        });
    }

    private Future<Void> look() {
        return desk.standing(saleId)
                .compose(standing -> desk.stock(saleId).map(counts -> next(standing, counts)))
                .otherwise(this::without)
                .map(next -> {
                    if (!next.equals(frame)) {
                        frame = next;
                        next.write(next.number() - 1);
                        watchers.forEach(watcher -> watcher.show(next));
                    }
                    return null;
                });
    }

    private StockFrame next(Optional<SaleStanding> standing, Optional<StockCounts> counts) {
        current = true;
        return standing.isEmpty() || counts.isEmpty()
                ? frame
                : frame.next(standing.get().state(), counts.get());
    }

    /** Counts that cannot be had may be as they were; only a lane that is being rebuilt is known to sell nothing. */
    private StockFrame without(Throwable failure) {
        current = false;
        return Unavailable.isBecause(Unavailable.Reason.RECOVERING, failure)
                ? frame.in(SaleStanding.State.RECOVERING)
                : frame;
    }
}
