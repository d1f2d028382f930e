package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.LaneSnapshot;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildBook;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.reservation.Chunks;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.RestoredReservation;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;

/**
 * A request has one hold. Where Redis lost the first one and the request came again, it was held a second time, and the books have both: the
 * later one is what its caller was told last, so the others end, and their units are free. Lives on one event loop.
 */
public final class RepeatedHolds {

    /** Holds of one transaction. */
    private static final int AT_ONCE = 200;

    private final Rebuild rebuild;
    private final long nowMs;
    private final RebuildBook books;
    private final ConcludedEntries entries;
    private final Supplier<Future<Void>> beforeTheFirst;

    /**
     * @param nowMs by the sale's clock
     * @param entries of this rebuild, which may have some already
     * @param beforeTheFirst as in {@link PutBack}
     */
    public RepeatedHolds(
            Rebuild rebuild,
            long nowMs,
            RebuildBook books,
            ConcludedEntries entries,
            Supplier<Future<Void>> beforeTheFirst) {
        this.rebuild = rebuild;
        this.nowMs = nowMs;
        this.books = books;
        this.entries = entries;
        this.beforeTheFirst = beforeTheFirst;
    }

    /** Ends all but the latest hold of each request. Fails with {@link dev.holdfast.ledger.Overtaken}, and as PostgreSQL does. */
    public Future<Void> end() {
        return books.read(rebuild, LaneSnapshot::repeatedHolds)
                .compose(repeated -> repeated.isEmpty()
                        ? Future.succeededFuture()
                        : beforeTheFirst.get().compose(begun -> Chunks.inTurn(repeated, AT_ONCE, this::end)));
    }

    private Future<Void> end(List<RestoredReservation> some) {
        return entries.writeTogether(some.stream()
                        .map(hold -> LifeConclusion.ending(hold, Kind.RELEASED, Math.max(nowMs, hold.heldAtMs())))
                        .toList())
                .compose(written ->
                        entries.list(some.stream().map(RepeatedHolds::finding).toList()));
    }

    private static RebuildFinding finding(RestoredReservation hold) {
        return RebuildFinding.of(
                RebuildFinding.Kind.RESERVATION_ENDED,
                hold.id(),
                hold.customerId(),
                "held with " + LaneComparison.lines(hold)
                        + "; its request was held a second time while Redis had lost this one: the later hold counts, and the units"
                        + " of this one are free");
    }
}
