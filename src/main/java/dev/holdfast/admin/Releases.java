package dev.holdfast.admin;

import dev.holdfast.ledger.Author;
import dev.holdfast.ledger.ReleaseBook;
import dev.holdfast.ledger.ReleaseBook.Asked;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.ReservationDesk;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admins release reservations: PostgreSQL knows who and why before Redis hears of it, and the audit trail says what came of it. What a
 * crash or an outage leaves in between is brought to its end by {@link #finish}.
 */
public final class Releases {

    private static final Logger LOG = LoggerFactory.getLogger(Releases.class);

    private final ReservationDesk desk;
    private final ReleaseBook book;
    private @Nullable Runnable stop;
    private boolean finishing;

    /** To be used on the event loop of the desk. */
    public Releases(ReservationDesk desk, ReleaseBook book) {
        this.desk = desk;
        this.book = book;
    }

    /**
     * Gives a held cart's units back. One that was released before, by whomever, stays as it is, and nothing is noted. Fails with
     * {@link Unavailable} where nothing was done.
     */
    public Future<ReleaseOutcome> release(Author author, SaleId saleId, ReservationId id, String reason) {
        return desk.find(saleId, id)
                .compose(found -> found instanceof ChangeOutcome.Done done
                                && done.reservation().state() != ReservationState.RELEASED
                        ? book.ask(author, reason, done.reservation()).compose(this::released)
                        : Future.succeededFuture(new ReleaseOutcome.Decided(found)));
    }

    /** From now on brings to its end what was left, every interval. Every node may do so. */
    public void start(Vertx vertx, Duration interval) {
        long timer = vertx.setPeriodic(interval.toMillis(), tick -> {
            if (!finishing) {
                finishing = true;
                finish().onComplete(done -> finishing = false)
                        .onFailure(failure -> LOG.debug("no release was finished: {}", failure.getMessage()));
            }
        });
        stop = () -> vertx.cancelTimer(timer);
    }

    /** Begins nothing further. */
    public void stop() {
        if (stop != null) {
            stop.run();
        }
    }

    /** Brings to their end what was asked for seconds ago and is not settled; answers how many it was. */
    public Future<Integer> finish() {
        return book.unsettled().compose(this::finish);
    }

    private Future<Integer> finish(List<Asked> waiting) {
        Future<Integer> finished = Future.succeededFuture(0);
        for (Asked asked : waiting) {
            finished = finished.compose(count -> decided(asked)
                    .compose(outcome -> settled(asked, outcome))
                    .map(count + 1)
                    .otherwise(failure -> {
                        LOG.debug(
                                "the release of {} was not finished: {}", asked.reservationId(), failure.getMessage());
                        return count;
                    }));
        }
        return finished;
    }

    private Future<ReleaseOutcome> released(Asked asked) {
        return decided(asked)
                .compose(outcome -> settled(asked, outcome)
                        // It is done, and it is written who asked for it: what is missing will be noted by itself.
                        .otherwiseEmpty()
                        .<ReleaseOutcome>map(noted -> new ReleaseOutcome.Decided(outcome)))
                .recover(failure -> failure instanceof Unavailable unavailable
                        ? Future.succeededFuture(new ReleaseOutcome.Stored(unavailable.reason()))
                        : Future.failedFuture(failure));
    }

    private Future<ChangeOutcome> decided(Asked asked) {
        return desk.release(asked.saleId(), asked.reservationId());
    }

    private Future<Void> settled(Asked asked, ChangeOutcome outcome) {
        return switch (outcome) {
            case ChangeOutcome.Done done -> book.settle(asked, done.reservation());
            case ChangeOutcome.Ended ended -> book.settle(asked, ended.reservation());
            case ChangeOutcome.NoSuchReservation none -> book.settle(asked, null);
            case ChangeOutcome.NoSuchSale none -> book.settle(asked, null);
            case ChangeOutcome.OtherRevision other ->
                throw new IllegalStateException("a release expects no revision: " + other);
            case ChangeOutcome.Refused refused ->
                throw new IllegalStateException("a release has no stock to be refused: " + refused);
        };
    }
}
