package dev.holdfast.admin;

import dev.holdfast.ledger.HousekeepingBook;
import dev.holdfast.ledger.HousekeepingBook.LeaseLost;
import dev.holdfast.ledger.OldRows;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.reservation.AsyncLoop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is old and retires what is over, some at a time, one node at a time. Every step is whole by itself: where it ends, the
 * next one goes on. Lives on one event loop.
 */
public final class Housekeeper {

    /** A kind of work: a step does some of it and answers how much; 0 when nothing is left. */
    private record Chore(String word, Supplier<Future<Integer>> step) {}

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);

    private final Vertx vertx;
    private final HousekeepingBook book;
    private final SaleRetirement retirement;
    private final Metrics metrics;
    private final HousekeepingSettings settings;
    private final Set<String> failing = new HashSet<>();
    private long timer = -1;
    private boolean running;
    private volatile boolean stopping;

    /** Every node may run one. */
    public Housekeeper(
            Vertx vertx,
            HousekeepingBook book,
            SaleRetirement retirement,
            Metrics metrics,
            HousekeepingSettings settings) {
        this.vertx = vertx;
        this.book = book;
        this.retirement = retirement;
        this.metrics = metrics;
        this.settings = settings;
    }

    /**
     * From now on looks every half interval whether it is time, and whether another node has done it.
     *
     * @param mayChange whether this node may change anything at present
     */
    public void start(BooleanSupplier mayChange) {
        timer = vertx.setPeriodic(Math.max(1, settings.interval().toMillis() / 2), tick -> {
            if (!running && mayChange.getAsBoolean()) {
                running = true;
                book.now()
                        .compose(this::run)
                        .onSuccess(ran -> worked("housekeeping"))
                        .onFailure(failure -> failed("housekeeping", failure))
                        .onComplete(done -> running = false);
            }
        });
    }

    /** Takes no further step. */
    public void stop() {
        stopping = true;
        vertx.cancelTimer(timer);
    }

    /** Does all that there is to do by now; false where another node does, or did within the interval. */
    public Future<Boolean> run(Instant now) {
        return book.begin(settings.node(), settings.interval())
                .compose(mine -> mine ? runAll(now).map(true) : Future.succeededFuture(false))
                .recover(failure ->
                        failure instanceof LeaseLost ? Future.succeededFuture(false) : Future.failedFuture(failure));
    }

    private Future<Void> runAll(Instant now) {
        Future<Void> done = Future.succeededFuture();
        for (Chore chore : chores(now)) {
            done = done.compose(before -> repeated(chore))
                    .onSuccess(whole -> worked(chore.word()))
                    .recover(failure -> afterFailure(chore, failure));
        }
        return done.compose(all -> stopping ? Future.succeededFuture() : book.end(settings.node()))
                .onSuccess(ended -> metrics.housekept(now));
    }

    private List<Chore> chores(Instant now) {
        List<Chore> chores = new ArrayList<>();
        chores.add(new Chore("ledger-days-ahead", () -> book.makeLedgerDays(settings.node(), now)));
        chores.add(new Chore("reservation-days-ahead", () -> book.makeReservationDays(settings.node(), now)));
        for (OldRows kind : OldRows.values()) {
            Instant old = kind.oldSince(now, settings.details());
            chores.add(new Chore(
                    kind.word(), () -> counted(kind.word(), book.remove(settings.node(), kind, old, settings.rows()))));
        }
        chores.add(new Chore("retirement", () -> counted("lanes", retirement.retire(now.minus(settings.quiet())))));
        chores.add(new Chore("clearing", retirement::clear));
        return chores;
    }

    private Future<Integer> counted(String what, Future<Integer> removing) {
        return removing.onSuccess(count -> metrics.removed(what, count));
    }

    private Future<Void> repeated(Chore chore) {
        return AsyncLoop.whileTrue(() -> stopping
                ? Future.succeededFuture(false)
                : chore.step()
                        .get()
                        .compose(count -> count == 0
                                ? Future.succeededFuture(false)
                                : vertx.timer(Math.max(1, settings.pause().toMillis()), TimeUnit.MILLISECONDS)
                                        .map(true)));
    }

    /** One kind of work that cannot be done keeps no other from being done; whose lease is lost is done with all. */
    private Future<Void> afterFailure(Chore chore, Throwable failure) {
        if (failure instanceof LeaseLost) {
            return Future.failedFuture(failure);
        }
        failed(chore.word(), failure);
        return Future.succeededFuture();
    }

    private void failed(String word, Throwable failure) {
        if (failing.add(word)) {
            LOG.warn("{} waits until the next time: {}", word, failure.toString());
        }
    }

    private void worked(String word) {
        if (failing.remove(word)) {
            LOG.info("{} goes on", word);
        }
    }
}
