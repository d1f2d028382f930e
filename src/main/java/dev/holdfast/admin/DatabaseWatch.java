package dev.holdfast.admin;

import dev.holdfast.admin.rebuild.OlderLane;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.DatabaseBook;
import dev.holdfast.ledger.DatabaseBook.Pulse;
import dev.holdfast.redis.DatabaseCopy;
import dev.holdfast.redis.SalesInRedis;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that PostgreSQL is an older one than it was: a backup that was restored, or a standby that lagged and was promoted. It counts a
 * number up in PostgreSQL and keeps a copy of it in Redis and in memory; a PostgreSQL that is behind a copy has lost what it committed. Then
 * every lane is compared with Redis once. Every node runs one. To be used on the event loop of its connection.
 */
public final class DatabaseWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseWatch.class);

    private static final int LANES_AT_ONCE = 100;

    private final Books books;
    private final DatabaseBook book;
    private final ScriptCalls calls;
    private DatabaseCopy.Seen seen = new DatabaseCopy.Seen(0, 0, Instant.EPOCH);
    private @Nullable DatabaseCopy copy;
    private Runnable newLife = () -> {};
    private long comparedLife;
    private long timer = -1;
    private boolean running;

    /** Knows nothing of the past but what Redis has kept. */
    public DatabaseWatch(Books books, ScriptCalls calls) {
        this.books = books;
        this.book = books.database();
        this.calls = calls;
    }

    /** Calls back, on the loop, when lanes were compared in a life of the database that this node did not know. */
    public void onNewLife(Runnable listener) {
        newLife = listener;
    }

    /** Takes a step every interval from now on. */
    public void start(Vertx vertx, Duration interval) {
        timer = vertx.setPeriodic(interval.toMillis(), tick -> {
            if (!running) {
                running = true;
                step().onComplete(done -> running = false)
                        .onFailure(failure ->
                                LOG.debug("the database's life was not looked at: {}", failure.getMessage()));
            }
        });
    }

    /** Takes no further step. */
    public void stop(Vertx vertx) {
        vertx.cancelTimer(timer);
    }

    /**
     * Compares the database with its copies, counts it up, and compares lanes with Redis that were not in this life of the database. Without
     * Redis it does nothing: an older database must not count on before it was compared.
     */
    public Future<Void> step() {
        return copy().compose(there -> there.read()
                .compose(noted -> beat(noted.orElse(seen)))
                .compose(pulse -> there.write(seen).map(pulse))
                .compose(this::compareLanes));
    }

    private Future<DatabaseCopy> copy() {
        DatabaseCopy known = copy;
        return known != null
                ? Future.succeededFuture(known)
                : book.pulse().map(pulse -> copy = new DatabaseCopy(calls.redis(), pulse.id()));
    }

    private Future<Pulse> beat(DatabaseCopy.Seen noted) {
        DatabaseCopy.Seen latest = noted.beat() > seen.beat() ? noted : seen;
        return book.beat(new DatabaseBook.Seen(Math.max(noted.life(), seen.life()), latest.beat(), latest.at()))
                .onSuccess(pulse -> seen = new DatabaseCopy.Seen(pulse.life(), pulse.beat(), pulse.at()));
    }

    private Future<Void> compareLanes(Pulse pulse) {
        return comparedLife == pulse.life()
                ? Future.succeededFuture()
                : book.uncompared(LANES_AT_ONCE).compose(lanes -> {
                    if (lanes.isEmpty()) {
                        return tellForgotten(pulse).compose(told -> {
                            comparedLife = pulse.life();
                            newLife.run();
                            return books.sales().refreshAll();
                        });
                    }
                    Iterator<DatabaseBook.UncomparedLane> each = lanes.iterator();
                    return AsyncLoop.whileTrue(() ->
                            each.hasNext() ? compare(each.next(), pulse).map(true) : Future.succeededFuture(false));
                });
    }

    /** Sales that Redis knows and an older database lacks are not among the lanes that are compared. Told once in a life. */
    private Future<Void> tellForgotten(Pulse pulse) {
        if (pulse.life() == 1) {
            return Future.succeededFuture();
        }
        return book.hasToldForgotten(pulse.life()).compose(told -> {
            if (told) {
                return Future.succeededFuture();
            }
            Set<SaleId> forgotten = new TreeSet<>(Comparator.comparing(SaleId::value));
            return new SalesInRedis(calls.redis())
                    .each(some ->
                            book.unknown(some).onSuccess(forgotten::addAll).mapEmpty())
                    .compose(done -> forgotten.isEmpty()
                            ? Future.succeededFuture()
                            : book.tellForgotten(pulse.life(), List.copyOf(forgotten)));
        });
    }

    /** One that cannot be compared now does not keep the others. */
    private Future<Void> compare(DatabaseBook.UncomparedLane lane, Pulse pulse) {
        return new OlderLane(books, calls, lane).compare(pulse.life()).recover(failure -> {
            LOG.info("lane {} waits to be compared with an older PostgreSQL: {}", lane.lane(), failure.getMessage());
            return Future.succeededFuture();
        });
    }
}
