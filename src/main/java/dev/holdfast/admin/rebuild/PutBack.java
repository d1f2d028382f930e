package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.LostAnswer;
import dev.holdfast.ledger.Overtaken;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildBook;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.ledger.RecordedLife;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts back what callers were told of and Redis has lost, as far as the nodes that told them remember: a purchase is confirmed again, a
 * release is released again, a hold is held again for the sale's {@code reclaimSeconds}, so that its units are there when its receipt comes. A
 * hold that the books still have gets the deadline that its caller was told: its units are that buyer's already.
 * What takes more units than are free is left out and listed. Nobody is told that a hold has ended by itself; so where units are missing,
 * holds of the books whose time is over are ended first. Lives on one event loop.
 */
public final class PutBack {

    /** Answers of one transaction: one that cannot be put back has all of them tried one by one. */
    private static final int AT_ONCE = 200;

    private final Rebuild rebuild;
    private final Times times;
    private final Books books;
    private final ConcludedEntries entries;
    private final Supplier<Future<Void>> beforeTheFirst;
    private boolean dueEnded;
    private LostAnswer.@Nullable Place last;

    /**
     * By the sale's clock, ms.
     *
     * @param heldUntilMs when lost holds that nobody reclaims end
     */
    public record Times(long nowMs, long heldUntilMs) {

        /** As it is now; the lane goes by Redis's clock. */
        public static Times of(Sale sale, LaneFacts facts) {
            long nowMs = facts.clockMs() + sale.clockOffsetMs();
            return new Times(nowMs, nowMs + sale.reclaimMs());
        }
    }

    /**
     * @param entries of this rebuild, which may have some already
     * @param beforeTheFirst begins the life of what is concluded; asked before each writing, and does nothing where that has begun
     */
    public PutBack(
            Rebuild rebuild,
            Times times,
            Books books,
            ConcludedEntries entries,
            Supplier<Future<Void>> beforeTheFirst) {
        this.rebuild = rebuild;
        this.times = times;
        this.books = books;
        this.entries = entries;
        this.beforeTheFirst = beforeTheFirst;
    }

    /** Fails with {@link dev.holdfast.ledger.Overtaken}, and as PostgreSQL does. */
    public Future<Void> run() {
        return AsyncLoop.whileTrue(() -> books.lostAnswers()
                .wanted(rebuild.to(), last, times.nowMs(), AT_ONCE)
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
            for (LostAnswer answer : inOrder(answers)) {
                Return one = returned(answer.told(), known);
                if (!one.texts.isEmpty()) {
                    returns.add(one);
                }
            }
            return returns.isEmpty()
                    ? Future.succeededFuture()
                    : beforeTheFirst.get().compose(ready -> write(returns));
        });
    }

    /** Releases first: they leave units free, and a release of a hold that was lost, too, needs free ones for a moment. */
    private static List<LostAnswer> inOrder(List<LostAnswer> answers) {
        List<LostAnswer> ordered = new ArrayList<>(answers);
        ordered.sort(Comparator.comparing(answer -> answer.told().state() != ReservationState.RELEASED));
        return ordered;
    }

    private Future<Void> write(List<Return> returns) {
        List<String> texts = returns.stream().flatMap(one -> one.texts.stream()).toList();
        return entries.writeTogether(texts)
                .map(written -> true)
                .recover(failure -> otherwise(returns, failure).map(false))
                .compose(written -> written
                        ? entries.list(
                                returns.stream().map(one -> finding(one, null)).toList())
                        : Future.succeededFuture());
    }

    /** Nothing of these was written. */
    private Future<Void> otherwise(List<Return> returns, Throwable failure) {
        if (failure instanceof Overtaken || failure instanceof Unavailable) {
            return Future.failedFuture(failure);
        }
        if (!dueEnded) {
            dueEnded = true;
            return endDue().compose(ended -> write(returns));
        }
        return returns.size() > 1 ? oneByOne(returns) : entries.list(List.of(finding(returns.getFirst(), failure)));
    }

    /** Holds of the books whose time is over give their units back, but for those of which callers were told something else. */
    private Future<Void> endDue() {
        List<RestoredReservation> due = new ArrayList<>();
        return books.conclusions()
                .stock(rebuild.to())
                .compose(stock -> {
                    HeldUnits held = new HeldUnits(stock.values());
                    return books.rebuilds()
                            .read(
                                    rebuild,
                                    snapshot -> snapshot.liveHolds(() -> !held.isComplete(), page -> {
                                        for (RecordedLife life : page.lives()) {
                                            held.add(life.reservation());
                                            if (life.reservation().expiresAtMs() <= times.nowMs()) {
                                                due.add(life.reservation());
                                            }
                                        }
                                        return Future.succeededFuture();
                                    }));
                })
                .compose(read -> Chunks.inTurn(due, AT_ONCE, this::end));
    }

    private Future<Void> end(List<RestoredReservation> due) {
        List<ReservationId> ids = due.stream().map(RestoredReservation::id).toList();
        return books.lostAnswers().wantedOf(rebuild.to(), ids, times.nowMs()).compose(wanted -> {
            List<RestoredReservation> ended =
                    due.stream().filter(hold -> !wanted.contains(hold.id())).toList();
            return entries.writeTogether(ended.stream()
                            .map(hold -> LifeConclusion.ending(hold, Kind.EXPIRED, hold.expiresAtMs()))
                            .toList())
                    .compose(written ->
                            entries.list(ended.stream().map(PutBack::endOf).toList()));
        });
    }

    private Future<Void> oneByOne(List<Return> returns) {
        int[] next = {0};
        return AsyncLoop.whileTrue(() -> next[0] < returns.size()
                ? write(List.of(returns.get(next[0]++))).map(true)
                : Future.succeededFuture(false));
    }

    /** With no entries where the books know as much. What was released, and neither side ever had, takes its units and gives them back. */
    private Return returned(RestoredReservation told, Map<ReservationId, RecordedLife> books) {
        RecordedLife life = books.get(told.id());
        RestoredReservation known = life == null ? null : life.reservation();
        RestoredReservation wanted =
                told.state() == ReservationState.HELD ? told.heldUntil(deadline(told, known)) : told;
        return new Return(wanted, LifeConclusion.of(known, List.of(), wanted));
    }

    /** No hold ends earlier than the books say, nor before it began, whatever Redis's clock says by now. */
    private long deadline(RestoredReservation told, @Nullable RestoredReservation known) {
        return known != null && known.state() == ReservationState.HELD
                ? Math.max(told.expiresAtMs(), known.expiresAtMs())
                : Math.max(told.heldAtMs(), Math.min(told.expiresAtMs(), times.heldUntilMs()));
    }

    private static RebuildFinding endOf(RestoredReservation due) {
        return RebuildFinding.of(
                RebuildFinding.Kind.RESERVATION_CONCLUDED,
                due.id(),
                due.customerId(),
                "held in the books with " + LaneComparison.lines(due)
                        + ", though its time was over: it is expired, so that its units are there for what Redis lost");
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
