package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.LaneSnapshot;
import dev.holdfast.ledger.Overtaken;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildBook;
import dev.holdfast.ledger.RebuildReport;
import dev.holdfast.ledger.SaleBook;
import dev.holdfast.redis.LaneRestore;
import dev.holdfast.redis.ScriptCalls;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a sale's lane anew from PostgreSQL, under a new epoch: what Redis lost comes back, and what it made up is gone. Until all of it
 * is there and compared, nothing is sold. One that ends in the middle leaves the lane closed, and the next begins from the start. To be
 * used on the event loop of its connection.
 */
public final class LaneRebuild {

    private static final Logger LOG = LoggerFactory.getLogger(LaneRebuild.class);

    /** The mark, the policy and the audit, with which a rebuilt lane's ledger begins: unseal.lua. */
    private static final int FIRST_ENTRIES = 3;

    private final SaleBook sales;
    private final RebuildBook book;
    private final SaleLock lock;
    private final ScriptCalls calls;
    private final LedgerStream stream;

    /** The stream uses the connection of the calls. */
    public LaneRebuild(Books books, SaleLock lock, ScriptCalls calls, LedgerStream stream) {
        this.sales = books.sales();
        this.book = books.rebuilds();
        this.lock = lock;
        this.calls = calls;
        this.stream = stream;
    }

    /**
     * Stops the sale's lane, whatever state it is in, and answers; the rest goes on by itself. Fails with
     * {@link dev.holdfast.reservation.Unavailable} where it could not be stopped: then nothing was done.
     */
    public Future<RebuildOutcome> rebuild(SaleId saleId, AdminAction action) {
        Promise<RebuildOutcome> answer = Promise.promise();
        sales.find(saleId)
                .compose(listed -> listed.isPresent() && listed.get().laneState() == LaneState.RETIRED
                        ? Future.succeededFuture(new RebuildOutcome.SaleIsClosed())
                        : lock.within(saleId, action, fenced -> rebuild(saleId, fenced, answer)))
                .onComplete(done -> {
                    // What fails after the answer has been told already.
                    if (done.failed()) {
                        answer.tryFail(done.cause());
                    } else {
                        answer.tryComplete(done.result());
                    }
                });
        return answer.future();
    }

    /** How the sale's last rebuild went, or goes; empty where there was none. */
    public Future<Optional<RebuildReport>> latest(SaleId saleId) {
        return book.latest(saleId);
    }

    /**
     * Answers when the lane is stopped, and ends when it sells again: so long other admins wait, but not for a node that died. One that
     * takes longer than its lease goes on; a rebuild that is asked for then overtakes it.
     */
    private Future<RebuildOutcome> rebuild(SaleId saleId, AdminAction action, Promise<RebuildOutcome> answer) {
        return book.begin(saleId, action).compose(begun -> {
            if (begun.isEmpty()) {
                return Future.succeededFuture(new RebuildOutcome.NoSuchSale());
            }
            Future<Long> whole = finish(begun.get());
            RebuildOutcome started = new RebuildOutcome.Started(begun.get().to(), whole);
            answer.complete(started);
            return whole.map(started);
        });
    }

    private Future<Long> finish(Rebuild rebuild) {
        LaneRestore restore = new LaneRestore(calls, rebuild.to());
        return restore.seal()
                .compose(closed -> book.salvage(rebuild, stream))
                .compose(putAside -> book.turn(rebuild, putAside))
                .compose(turned -> book.read(rebuild, books -> copy(books, restore)))
                .compose(copied -> restore.open(UUID.randomUUID().toString()))
                .compose(opened -> stream.read(rebuild.to(), 0, FIRST_ENTRIES))
                .compose(entries -> book.check(rebuild, entries))
                .compose(checked -> book.open(rebuild, restore.restored()))
                .map(open -> restore.restored())
                .onSuccess(reservations ->
                        LOG.info("lane {} is rebuilt, with {} reservations, and sells", rebuild.to(), reservations))
                .recover(failure -> gaveUp(rebuild, failure));
    }

    private static Future<Void> copy(LaneSnapshot books, LaneRestore restore) {
        HeldUnits held = new HeldUnits();
        return books.sale()
                .compose(restore::clear)
                .compose(endedAfterMs -> books.stock()
                        .compose(stock -> inParts(held.expect(stock), restore::stock))
                        .compose(done -> books.reservations(
                                endedAfterMs, LaneRestore.MOST_AT_ONCE, some -> restore.reservations(held.add(some)))))
                .compose(done -> books.allowances(LaneRestore.MOST_AT_ONCE, restore::allowances))
                .compose(done -> held.requireAll());
    }

    private static <T> Future<Void> inParts(List<T> all, Function<List<T>, Future<Void>> put) {
        Future<Void> done = Future.succeededFuture();
        for (int from = 0; from < all.size(); from += LaneRestore.MOST_AT_ONCE) {
            List<T> part = all.subList(from, Math.min(from + LaneRestore.MOST_AT_ONCE, all.size()));
            done = done.compose(before -> put.apply(part));
        }
        return done;
    }

    /** One that was overtaken may fail in many ways, because the other writes to the same lane: only PostgreSQL knows. */
    private Future<Long> gaveUp(Rebuild rebuild, Throwable failure) {
        return book.fail(rebuild, String.valueOf(failure.getMessage())).transform(told -> {
            if (told.cause() instanceof Overtaken overtaken) {
                LOG.warn("lane {} is not rebuilt: {}", rebuild.to(), overtaken.getMessage());
                return Future.failedFuture(overtaken);
            }
            LOG.error("lane {} is not rebuilt, and stays closed", rebuild.to(), failure);
            if (told.failed()) {
                LOG.error("lane {}: PostgreSQL was not told", rebuild.to(), told.cause());
            }
            return Future.failedFuture(failure);
        });
    }
}
