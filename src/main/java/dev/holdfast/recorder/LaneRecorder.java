package dev.holdfast.recorder;

import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.CommitOutcome;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerPosition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Recorded;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries one lane's ledger into PostgreSQL, a batch a step. A failed step changed nothing that the next one will not see. */
final class LaneRecorder {

    /** What all lane recorders of a node share. */
    record Shared(
            LedgerStream stream,
            Books books,
            RecorderLease lease,
            RecorderMetrics metrics,
            RecorderSettings settings) {}

    private static final Logger LOG = LoggerFactory.getLogger(LaneRecorder.class);

    private final ListedSale listed;
    private final Lane lane;
    private final Shared shared;

    /** Last cursor that PostgreSQL told; never ahead of it. */
    private volatile long recordedSeq = -1;

    /** Whether it may have moved since: after a failure only PostgreSQL knows. */
    private volatile boolean cursorIsOld = true;

    /** Of the database when the cursor was read. */
    private volatile long life = 1;

    /** What Redis was told last; it shows from this what is recorded, and drops what it needs no longer. */
    private volatile @Nullable Recorded told;

    private final TrimPolicy trimming;

    /** What this node recorded last; null while it has recorded nothing. */
    private volatile @Nullable LedgerEntry lastRecorded;

    LaneRecorder(ListedSale listed, Shared shared) {
        this.listed = listed;
        this.lane = listed.lane();
        this.shared = shared;
        trimming = new TrimPolicy(shared.settings().behind());
    }

    /** Whether this is still the lane, and the clock, that it was made for. */
    boolean serves(ListedSale now) {
        return now.lane().equals(lane)
                && now.sale().rehearsal() == listed.sale().rehearsal();
    }

    /** Reads what follows the cursor and records it. */
    Future<Step> step() {
        return cursor().compose(cursor -> cursor < 0 ? Future.succeededFuture(Step.OVER) : recordAfter(cursor))
                .onFailure(failure -> cursorIsOld = true);
    }

    /** Looks whether Redis still has all that is recorded, and how much is not. */
    Future<Void> watch() {
        // Taken before Redis is asked: the stream's end only grows, so an end before this is lost history.
        long recorded = recordedSeq;
        if (recorded < 0) {
            return Future.succeededFuture();
        }
        return shared.stream()
                .lastSeq(lane)
                .compose(last -> last < recorded
                        ? lost("Redis ends at " + last + ", recorded is " + recorded)
                        : waiting(last - recorded))
                .recover(this::afterStale)
                .mapEmpty();
    }

    /** The cursor; negative where PostgreSQL does not let the lane sell in this epoch. */
    private Future<Long> cursor() {
        if (!cursorIsOld) {
            return Future.succeededFuture(recordedSeq);
        }
        return recordedInRedis()
                .compose(had -> shared.books()
                        .lanes()
                        .cursor(lane)
                        .compose(cursor -> had.isAheadOf(cursor.seq(), cursor.life())
                                ? shared.books().lanes().reportOlder(lane, had)
                                : Future.succeededFuture(cursor)))
                .map(cursor -> {
                    life = cursor.life();
                    return moveTo(cursor.seq());
                })
                .recover(failure ->
                        failure instanceof StaleLane ? Future.succeededFuture(-1L) : Future.failedFuture(failure));
    }

    /** How far PostgreSQL had it when it told last, asked for before PostgreSQL is: one that has less is older than it was. */
    private Future<LedgerPosition> recordedInRedis() {
        return shared.stream()
                .position(lane)
                .recover(failure -> failure instanceof StaleLane
                        ? Future.succeededFuture(new LedgerPosition(0, 0, 0))
                        : Future.failedFuture(failure));
    }

    private long moveTo(long seq) {
        recordedSeq = seq;
        cursorIsOld = false;
        return seq;
    }

    /**
     * The last recorded entry is read once more, where Redis still has it: a Redis that came back older, and has sold as much again as it
     * forgot, shows only there that it has another past.
     */
    private Future<Step> recordAfter(long cursor) {
        LedgerEntry last = lastRecorded;
        int batch = shared.settings().batch();
        return (last == null || last.seq() != cursor
                        ? shared.stream().read(lane, cursor, batch).compose(entries -> recordAfter(cursor, entries))
                        : shared.stream()
                                .read(lane, cursor - 1, batch + 1)
                                .compose(entries -> recordIfSamePast(last, entries)))
                .recover(this::afterStale);
    }

    private Future<Step> recordIfSamePast(LedgerEntry last, List<LedgerEntry> entries) {
        if (entries.isEmpty() || entries.getFirst().seq() != last.seq()) {
            return recordAfter(last.seq(), entries);
        }
        return entries.getFirst().text().equals(last.text())
                ? recordAfter(last.seq(), entries.subList(1, entries.size()))
                : lost("Redis has another entry at " + last.seq() + " than was recorded");
    }

    private Future<Step> recordAfter(long cursor, List<LedgerEntry> batch) {
        return batch.isEmpty() ? trim().map(Step.IDLE) : record(cursor, batch);
    }

    private Future<Step> record(long cursor, List<LedgerEntry> batch) {
        long sentAt = shared.lease().now();
        long readAtMs = shared.metrics().nowMs();
        return shared.books()
                .ledger()
                .commit(lane, cursor, batch, shared.lease().recorder())
                .compose(outcome -> switch (outcome) {
                    case CommitOutcome.Recorded recorded -> {
                        long seq = moveTo(recorded.recordedSeq());
                        lastRecorded = batch.getLast();
                        shared.lease().renewed(lane, sentAt);
                        shared.metrics().recorded(listed.sale(), batch, readAtMs);
                        shared.metrics().audited(lane, recorded.audits());
                        LOG.debug("lane {}: recorded to {}", lane, seq);
                        yield trim().map(batch.size() == shared.settings().batch() ? Step.FULL : Step.SOME);
                    }
                    case CommitOutcome.LostRace race -> {
                        cursorIsOld = true;
                        shared.lease().lost(lane);
                        yield Future.succeededFuture(Step.OVER);
                    }
                    case CommitOutcome.Gap gap -> afterGap(cursor, gap);
                    case CommitOutcome.Frozen frozen -> Future.succeededFuture(Step.OVER);
                });
    }

    /** Entries are missing only if the cursor is where it was: else another recorder has carried them over and trimmed. */
    private Future<Step> afterGap(long cursor, CommitOutcome.Gap gap) {
        cursorIsOld = true;
        return cursor().compose(now -> now == cursor
                ? lost("Redis goes on at " + gap.foundSeq() + ", recorded is " + cursor + ": PostgreSQL is older than Redis")
                : Future.succeededFuture(now < 0 ? Step.OVER : Step.SOME));
    }

    private Future<Step> lost(String why) {
        cursorIsOld = true;
        return shared.books().lanes().reportLost(lane, why).map(Step.OVER);
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

    /** Not fatal: the next step does it again. Where a later life of the database has told, the cursor is another. */
    private Future<Void> trim() {
        long upTo = recordedSeq;
        Recorded now = new Recorded(upTo, trimming.keepFrom(upTo, System.nanoTime()), life);
        if (now.equals(told)) {
            return Future.succeededFuture();
        }
        return shared.stream()
                .trim(lane, now)
                .<Void>map(taken -> {
                    told = now;
                    cursorIsOld |= !taken;
                    return null;
                })
                .recover(failure -> {
                    LOG.debug("lane {} not trimmed to {}: {}", lane, upTo, failure.toString());
                    return Future.succeededFuture();
                });
    }
}
