package dev.holdfast.recorder;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.CommitOutcome;
import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries one lane's ledger into PostgreSQL, a batch a step. A failed step changed nothing that the next one will not see. */
final class LaneRecorder {

    /**
     * What all lane recorders of a node share.
     *
     * @param lanes where cursors are, and where lost history is told
     */
    record Shared(
            LedgerStream stream,
            Books books,
            LaneBook lanes,
            RecorderLease lease,
            RecorderMetrics metrics,
            RecorderSettings settings) {}

    private static final Logger LOG = LoggerFactory.getLogger(LaneRecorder.class);

    private final ListedSale listed;
    private final Lane lane;
    private final Shared shared;

    /** Last cursor that PostgreSQL told, never ahead of it; null where it told none, or does not let the lane sell in this epoch. */
    private volatile @Nullable Cursor recorded;

    /** Whether it may have moved since: after a failure only PostgreSQL knows. */
    private volatile boolean cursorIsOld = true;

    /** What Redis was told last; it shows from this what is recorded, and drops what it needs no longer. */
    private volatile long trimmedSeq = -1;

    LaneRecorder(ListedSale listed, Shared shared) {
        this.listed = listed;
        this.lane = listed.lane();
        this.shared = shared;
    }

    /** Whether this is still the lane, and the clock, that it was made for. */
    boolean serves(ListedSale now) {
        return now.lane().equals(lane)
                && now.sale().rehearsal() == listed.sale().rehearsal();
    }

    /** Reads what follows the cursor and records it. */
    Future<Step> step() {
        return cursor().compose(
                        cursor -> cursor.isEmpty() ? Future.succeededFuture(Step.OVER) : recordAfter(cursor.get()))
                .onFailure(failure -> cursorIsOld = true);
    }

    /** Looks whether Redis still has all that is recorded, and how much is not. */
    Future<Void> watch() {
        // Taken before Redis is asked: the stream's end only grows, so an end before this is lost history.
        Cursor before = recorded;
        if (before == null) {
            return Future.succeededFuture();
        }
        return shared.stream()
                .lastSeq(lane)
                .compose(last -> last < before.seq()
                        ? lost("Redis ends at " + last + ", recorded is " + before.seq())
                        : waiting(last - before.seq()))
                .recover(this::afterStale)
                .mapEmpty();
    }

    /** Empty where PostgreSQL does not let the lane sell in this epoch. */
    private Future<Optional<Cursor>> cursor() {
        if (!cursorIsOld) {
            return Future.succeededFuture(Optional.ofNullable(recorded));
        }
        return shared.lanes()
                .cursor(lane)
                .map(this::moveTo)
                .map(Optional::of)
                .recover(failure -> failure instanceof StaleLane
                        ? Future.succeededFuture(Optional.empty())
                        : Future.failedFuture(failure));
    }

    private Cursor moveTo(Cursor now) {
        recorded = now;
        cursorIsOld = false;
        return now;
    }

    /**
     * The entry at the cursor is read once more: a Redis that came back older, and has sold as much again as it forgot, shows only there
     * that it has another past. So does one that another node recorded before.
     */
    private Future<Step> recordAfter(Cursor cursor) {
        int batch = shared.settings().batch();
        Future<Step> recorded = cursor.canBeCompared()
                ? shared.stream()
                        .read(lane, cursor.seq() - 1, batch + 1)
                        .compose(entries -> recordIfSamePast(cursor, entries))
                : shared.stream().read(lane, cursor.seq(), batch).compose(entries -> recordAfter(cursor, entries));
        return recorded.recover(this::afterStale);
    }

    private Future<Step> recordIfSamePast(Cursor cursor, List<LedgerEntry> entries) {
        if (entries.isEmpty() || entries.getFirst().seq() != cursor.seq()) {
            return unlessMoved(cursor, "Redis does not have the entry at " + cursor.seq() + ", which is recorded");
        }
        return cursor.matches(entries.getFirst())
                ? recordAfter(cursor, entries.subList(1, entries.size()))
                : lost("Redis has another entry at " + cursor.seq() + " than was recorded");
    }

    private Future<Step> recordAfter(Cursor cursor, List<LedgerEntry> batch) {
        return batch.isEmpty() ? trim().map(Step.IDLE) : record(cursor, batch);
    }

    private Future<Step> record(Cursor cursor, List<LedgerEntry> batch) {
        long sentAt = shared.lease().now();
        long readAtMs = shared.metrics().nowMs();
        return shared.books()
                .ledger()
                .commit(lane, cursor.seq(), batch, shared.lease().recorder())
                .compose(outcome -> switch (outcome) {
                    case CommitOutcome.Recorded recorded -> {
                        Cursor now = moveTo(Cursor.at(batch.getLast()));
                        shared.lease().renewed(lane, sentAt);
                        shared.metrics().recorded(listed.sale(), batch, readAtMs);
                        shared.metrics().audited(lane, recorded.audits());
                        LOG.debug("lane {}: recorded to {}", lane, now.seq());
                        yield trim().map(batch.size() == shared.settings().batch() ? Step.FULL : Step.SOME);
                    }
                    case CommitOutcome.LostRace race -> {
                        cursorIsOld = true;
                        shared.lease().lost(lane);
                        yield Future.succeededFuture(Step.OVER);
                    }
                    case CommitOutcome.Gap gap ->
                        unlessMoved(cursor, "Redis goes on at " + gap.foundSeq() + ", recorded is " + cursor.seq());
                    case CommitOutcome.Frozen frozen -> Future.succeededFuture(Step.OVER);
                });
    }

    /** Entries are missing only if the cursor is where it was: else another recorder has carried them over and trimmed. */
    private Future<Step> unlessMoved(Cursor cursor, String why) {
        cursorIsOld = true;
        return cursor().compose(now -> {
            if (now.isEmpty()) {
                return Future.succeededFuture(Step.OVER);
            }
            return now.get().equals(cursor) ? lost(why) : Future.succeededFuture(Step.SOME);
        });
    }

    private Future<Step> lost(String why) {
        cursorIsOld = true;
        return shared.lanes().reportLost(lane, why).map(Step.OVER);
    }

    /** PostgreSQL lets the lane sell and Redis does not know it. */
    private Future<Step> afterStale(Throwable failure) {
        return failure instanceof StaleLane
                ? lost("Redis does not have it: " + failure.getMessage())
                : Future.failedFuture(failure);
    }

    private Future<Step> waiting(long entries) {
        shared.metrics().waiting(lane, entries);
        if (entries > shared.settings().warnAt()) {
            LOG.warn("lane {}: {} entries wait for PostgreSQL and fill Redis", lane, entries);
        }
        return Future.succeededFuture(entries == 0 ? Step.IDLE : Step.SOME);
    }

    /** Not fatal: the next step does it again. */
    private Future<Void> trim() {
        Cursor now = recorded;
        if (now == null || trimmedSeq == now.seq()) {
            return Future.succeededFuture();
        }
        long upTo = now.seq();
        return shared.stream()
                .trim(lane, upTo)
                .map(done -> trimmedSeq = upTo)
                .<Void>mapEmpty()
                .recover(failure -> {
                    LOG.debug("lane {} not trimmed to {}: {}", lane, upTo, failure.toString());
                    return Future.succeededFuture();
                });
    }
}
