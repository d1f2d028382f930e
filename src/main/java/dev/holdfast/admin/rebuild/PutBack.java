package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.LostAnswer;
import dev.holdfast.ledger.Overtaken;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildBook;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.ledger.RecordedLife;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives back to those who were told of it what a loss in Redis took from them, as far as the nodes that told them remember: a purchase is
 * confirmed again, a hold is held again for the sale's {@code reclaimSeconds}, so that its units are there when its receipt comes. What takes
 * more units than are free is left out and listed. Lives on one event loop.
 */
public final class PutBack {

    /** Answers of one transaction: one that cannot be put back has all of them tried one by one. */
    private static final int AT_ONCE = 200;

    private final Rebuild rebuild;
    private final Sale sale;
    private final Books books;
    private final ConcludedEntries entries;
    private final Supplier<Future<Void>> beforeTheFirst;
    private final long heldUntilMs;
    private boolean begun;
    private LostAnswer.@Nullable Place last;

    /**
     * @param entries of this rebuild, which may have some already
     * @param beforeTheFirst is done before anything is written into the life of what is concluded
     */
    public PutBack(
            Rebuild rebuild, Sale sale, Books books, ConcludedEntries entries, Supplier<Future<Void>> beforeTheFirst) {
        this.rebuild = rebuild;
        this.sale = sale;
        this.books = books;
        this.entries = entries;
        this.beforeTheFirst = beforeTheFirst;
        heldUntilMs = InstantSource.system().millis() + sale.clockOffsetMs() + sale.reclaimMs();
    }

    /** Fails with {@link dev.holdfast.ledger.Overtaken}, and as PostgreSQL does. */
    public Future<Void> run() {
        return AsyncLoop.whileTrue(() -> books.lostAnswers()
                .wanted(rebuild.to(), last, sale.clockOffsetMs(), AT_ONCE)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(false)
                        : putBack(found).map(done -> {
                            last = found.getLast().place();
                            return true;
                        })));
    }

    private Future<Void> putBack(List<LostAnswer> answers) {
        List<ReservationId> ids =
                answers.stream().map(answer -> answer.told().id()).toList();
        return books.conclusions().known(rebuild.to().saleId(), ids).compose(known -> {
            List<Return> returns = new ArrayList<>();
            for (LostAnswer answer : answers) {
                Return one = returned(answer.told(), known);
                if (!one.texts.isEmpty()) {
                    returns.add(one);
                }
            }
            return returns.isEmpty() ? Future.succeededFuture() : begun().compose(ready -> write(returns));
        });
    }

    private Future<Void> begun() {
        if (begun) {
            return Future.succeededFuture();
        }
        begun = true;
        return beforeTheFirst.get();
    }

    private Future<Void> write(List<Return> returns) {
        List<String> texts = returns.stream().flatMap(one -> one.texts.stream()).toList();
        return entries.writeTogether(texts)
                .compose(written -> entries.list(
                        returns.stream().map(one -> finding(one, null)).toList()))
                .recover(failure -> {
                    if (failure instanceof Overtaken || failure instanceof Unavailable) {
                        return Future.failedFuture(failure);
                    }
                    return returns.size() > 1
                            ? oneByOne(returns)
                            : entries.list(List.of(finding(returns.getFirst(), failure)));
                });
    }

    private Future<Void> oneByOne(List<Return> returns) {
        int[] next = {0};
        return AsyncLoop.whileTrue(() -> next[0] < returns.size()
                ? write(List.of(returns.get(next[0]++))).map(true)
                : Future.succeededFuture(false));
    }

    /** With no entries where the books know as much, or where what was released is not held there. */
    private Return returned(RestoredReservation told, Map<ReservationId, RecordedLife> books) {
        RecordedLife life = books.get(told.id());
        RestoredReservation known = life == null ? null : life.reservation();
        if (told.state() == ReservationState.RELEASED && known == null) {
            return new Return(told, List.of());
        }
        RestoredReservation wanted =
                told.state() == ReservationState.HELD ? told.heldUntil(deadline(told, known)) : told;
        return new Return(wanted, LifeConclusion.of(known, List.of(), wanted));
    }

    /** No hold ends earlier than the books say. */
    private long deadline(RestoredReservation told, @Nullable RestoredReservation known) {
        long untilMs = Math.min(told.expiresAtMs(), heldUntilMs);
        return known != null && known.state() == ReservationState.HELD
                ? Math.max(untilMs, known.expiresAtMs())
                : untilMs;
    }

    private static RebuildFinding finding(Return one, @Nullable Throwable failure) {
        RestoredReservation wanted = one.wanted;
        String what = "a caller was told that it is " + wanted.state().word() + " with " + LaneComparison.lines(wanted)
                + ", and Redis lost it: ";
        return RebuildFinding.of(
                failure == null ? RebuildFinding.Kind.RESERVATION_PUT_BACK : RebuildFinding.Kind.RESERVATION_ENDED,
                wanted.id(),
                wanted.customerId(),
                what + (failure == null ? "it is again" : "it cannot be put back: " + RebuildBook.why(failure)));
    }

    private record Return(RestoredReservation wanted, List<String> texts) {}
}
