package dev.holdfast.recorder;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.ledger.Batch;
import dev.holdfast.ledger.Books;
import dev.holdfast.ledger.CommitOutcome;
import dev.holdfast.ledger.LaneCursor;
import dev.holdfast.ledger.LedgerBook;
import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerPosition;
import dev.holdfast.reservation.LedgerStream;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Recorded;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node knows of one lane that it records: how far it is recorded, and what follows. {@link Rounds} has many of them recorded
 * together. What failed changed nothing that the next round will not see. Used on one context.
 */
final class LaneRecorder {

    /**
     * What all lane recorders of a node share.
     *
     * @param lanes where lost history is told
     */
    record Shared(
            LedgerStream stream,
            Books books,
            LaneBook lanes,
            LaneShare share,
            RecorderMetrics metrics,
            RecorderSettings settings) {}

    private static final Logger LOG = LoggerFactory.getLogger(LaneRecorder.class);

    /** Entries that are asked for of a lane of which nothing is known: so many lanes of this fit into one transaction. */
    private static final int USUAL_APPETITE = 40;

    private static final int LEAST_APPETITE = 20;

    /** What PostgreSQL refuses so often in a row is not over by itself: a partition that is attached at that moment is. */
    private static final int REFUSALS_UNTIL_TOLD = 3;

    private static final long TOLD_AGAIN_AFTER_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final LedgerPosition NOTHING_TOLD = new LedgerPosition(0, 0, 0);

    private final ListedSale listed;
    private final Lane lane;
    private final Shared shared;
    private final Pace pace;

    /** Last cursor that PostgreSQL told, never ahead of it; null before it told one. */
    private @Nullable Cursor recorded;

    /** Whether it may have moved since: after a failure only PostgreSQL knows. */
    private boolean cursorIsOld = true;

    /** Of the database when the cursor was read. */
    private long life = 1;

    /** How far PostgreSQL had it when it told Redis last, before it is asked now. */
    private LedgerPosition had = NOTHING_TOLD;

    /** What Redis was told last; it shows from this what is recorded, and drops what it needs no longer. */
    private @Nullable Recorded told;

    private final TrimPolicy trimming;

    private int appetite = USUAL_APPETITE;
    private boolean wasFull;
    private boolean alone;
    private int refusals;
    private boolean isRefusalTold;
    private long refusalToldAt;
    private boolean over;
    private long lookedAt = System.nanoTime();

    LaneRecorder(ListedSale listed, Shared shared) {
        this.listed = listed;
        this.lane = listed.lane();
        this.shared = shared;
        pace = new Pace(shared.settings().retryPause(), ThreadLocalRandom.current());
        trimming = new TrimPolicy(shared.settings().behind());
    }

    Lane lane() {
        return lane;
    }

    /** Whether this is still the lane, and the clock, that it was made for. */
    boolean serves(ListedSale now) {
        return now.lane().equals(lane)
                && now.sale().rehearsal() == listed.sale().rehearsal();
    }

    /** Whether there is nothing left to do on the lane. */
    boolean over() {
        return over;
    }

    /** Stops reading the lane: whatever is under way ends by itself. */
    void end() {
        over = true;
    }

    /** How many entries it will ask for: about as many as came lately, more where there were more. */
    int appetite() {
        return appetite;
    }

    /** Whether it failed where others did not, and so is recorded in a transaction of its own. */
    boolean alone() {
        return alone;
    }

    /** PostgreSQL is to be asked for the cursor before anything else. */
    void doubtCursor() {
        cursorIsOld = true;
    }

    /** The cursor, where it is known; else PostgreSQL has to be asked. */
    boolean knowsCursor() {
        return !cursorIsOld;
    }

    /**
     * Asks Redis how far PostgreSQL had it, before PostgreSQL is asked: one that has less is older than it was. Succeeds in any case: where
     * Redis does not answer, the lane cannot be read either, and all is asked again.
     */
    Future<Void> beforeCursor() {
        had = NOTHING_TOLD;
        return shared.stream()
                .position(lane)
                .onSuccess(position -> had = position)
                .transform(asked -> Future.<Void>succeededFuture());
    }

    /** What PostgreSQL told after {@link #beforeCursor}; null where it does not let the lane sell in this epoch. Fails as PostgreSQL does. */
    Future<Void> cursorIs(@Nullable LaneCursor cursor) {
        if (cursor == null) {
            over = true;
            return Future.succeededFuture();
        }
        if (!had.isAheadOf(cursor.seq(), cursor.life())) {
            life = cursor.life();
            moveTo(cursor.at());
            return Future.succeededFuture();
        }
        return shared.books()
                .lanes()
                .reportOlder(lane, had)
                .map(Optional::of)
                .recover(failure -> failure instanceof StaleLane
                        ? Future.succeededFuture(Optional.empty())
                        : Future.failedFuture(failure))
                .compose(now -> {
                    had = NOTHING_TOLD;
                    return cursorIs(now.orElse(null));
                });
    }

    /** The last cursor that is known; negative for none. */
    long recordedSeq() {
        Cursor known = recorded;
        return known == null ? -1 : known.seq();
    }

    /** Nanoseconds, by the clock that does not jump, since the end of its ledger was looked at. */
    long nanosSinceLook() {
        return System.nanoTime() - lookedAt;
    }

    /**
     * Reads what follows the cursor; empty where there is nothing. The entry at the cursor is read once more: a Redis that came back older,
     * and has sold as much again as it forgot, shows only there that it has another past, also where another node recorded before. Fails
     * with {@link dev.holdfast.reservation.Unavailable}.
     */
    Future<Optional<Batch>> read() {
        Cursor cursor = recorded;
        if (cursor == null) {
            return Future.succeededFuture(Optional.empty());
        }
        return (cursor.canBeCompared()
                        ? shared.stream()
                                .read(lane, cursor.seq() - 1, appetite + 1)
                                .compose(entries -> batchIfSamePast(cursor, entries))
                        : shared.stream()
                                .read(lane, cursor.seq(), appetite)
                                .map(entries -> batch(cursor.seq(), entries)))
                .recover(this::afterStale);
    }

    private Future<Optional<Batch>> batchIfSamePast(Cursor cursor, List<LedgerEntry> entries) {
        if (entries.isEmpty() || entries.getFirst().seq() != cursor.seq()) {
            return unlessMoved(
                    cursor.seq(), "Redis does not have the entry at " + cursor.seq() + ", which is recorded");
        }
        // A list of its own: all that folds it is compiled for one kind of list.
        return cursor.matches(entries.getFirst())
                ? Future.succeededFuture(batch(cursor.seq(), new ArrayList<>(entries.subList(1, entries.size()))))
                : lost("Redis has another entry at " + cursor.seq() + " than was recorded");
    }

    private Optional<Batch> batch(long cursor, List<LedgerEntry> entries) {
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(new Batch(lane, cursor, entries, shared.share().node()));
    }

    /** There was nothing to record. */
    Future<Step> nothing() {
        succeeded();
        appetite = Math.max(LEAST_APPETITE, appetite / 2);
        return over ? Future.succeededFuture(Step.OVER) : trim().map(Step.IDLE);
    }

    /** PostgreSQL has answered about a batch that was read at this time, ms since 1970 by the node's clock. */
    Future<Step> committed(Batch batch, CommitOutcome outcome, long readAtMs) {
        return switch (outcome) {
            case CommitOutcome.Recorded recorded -> {
                moveTo(cursorAfter(batch, recorded.recordedSeq()));
                succeeded();
                shared.share().recorded(lane);
                shared.metrics().recorded(listed.sale(), batch.entries(), readAtMs);
                shared.metrics().audited(lane, recorded.audits());
                LOG.debug("lane {}: recorded to {}", lane, recordedSeq());
                yield trim().map(fed(batch.entries().size()));
            }
            case CommitOutcome.LostRace race -> {
                cursorIsOld = true;
                over = true;
                shared.share().lost(lane);
                yield Future.succeededFuture(Step.OVER);
            }
            case CommitOutcome.Gap gap ->
                unlessMoved(batch.after(), "Redis goes on at " + gap.foundSeq() + ", recorded is " + batch.after())
                        .map(none -> over ? Step.OVER : Step.FULL);
            case CommitOutcome.Frozen frozen -> {
                over = true;
                yield Future.succeededFuture(Step.OVER);
            }
        };
    }

    /** Neither what was read nor PostgreSQL's cursor is known for certain; answers how long to leave the lane in peace, ms. */
    @CanIgnoreReturnValue
    long failed(boolean alone) {
        cursorIsOld = true;
        this.alone |= alone;
        return pace.afterFailure();
    }

    /** The lane could not be recorded: where it is PostgreSQL that refuses it, and goes on to, somebody is told of it. */
    void refused(Throwable failure) {
        if (!LedgerBook.isRefusal(failure)) {
            return;
        }
        long now = System.nanoTime();
        if (++refusals >= REFUSALS_UNTIL_TOLD && (!isRefusalTold || now - refusalToldAt >= TOLD_AGAIN_AFTER_NANOS)) {
            isRefusalTold = true;
            refusalToldAt = now;
            shared.books().ledger().reportRefused(lane, failure).onFailure(untold -> {
                isRefusalTold = false;
                LOG.info("lane {}: nobody is told why it is not recorded: {}", lane, untold.getMessage());
            });
        }
    }

    /** Looks whether Redis still has all that is recorded, and answers how much is not. */
    Future<Long> look() {
        lookedAt = System.nanoTime();
        // Taken before Redis is asked: the stream's end only grows, so an end before this is lost history.
        long before = recordedSeq();
        if (before < 0) {
            return Future.succeededFuture(0L);
        }
        return shared.stream()
                .lastSeq(lane)
                .compose(last -> last < before
                        ? lost("Redis ends at " + last + ", recorded is " + before)
                                .map(0L)
                        : Future.succeededFuture(waiting(last - before)))
                .recover(failure -> afterStale(failure).map(0L));
    }

    private void succeeded() {
        alone = false;
        refusals = 0;
        isRefusalTold = false;
        pace.success();
    }

    private Step fed(int entries) {
        boolean full = entries >= appetite;
        int most = Math.min(1_000, shared.settings().batch());
        int wanted = full ? appetite * 4 : Math.max(LEAST_APPETITE, entries * 2);
        // What is read at once after a full batch had no time to become more.
        appetite = Math.min(most, wasFull ? Math.max(appetite, wanted) : wanted);
        wasFull = full;
        return full ? Step.FULL : Step.SOME;
    }

    private void moveTo(Cursor now) {
        recorded = now;
        cursorIsOld = false;
    }

    /** A part of the batch may be recorded only: the entry there is the one that the cursor stands at. */
    private static Cursor cursorAfter(Batch batch, long seq) {
        return batch.entries().stream()
                .filter(entry -> entry.seq() == seq)
                .findFirst()
                .map(Cursor::at)
                .orElse(new Cursor(seq, null));
    }

    /** Entries are missing only if the cursor is where it was: else another recorder has carried them over and trimmed. */
    private Future<Optional<Batch>> unlessMoved(long cursor, String why) {
        cursorIsOld = true;
        return shared.books()
                .ledger()
                .cursors(List.of(lane))
                .compose(cursors -> cursorIs(cursors.get(lane)))
                .compose(known ->
                        recordedSeq() == cursor && !over ? lost(why) : Future.succeededFuture(Optional.empty()));
    }

    private Future<Optional<Batch>> lost(String why) {
        cursorIsOld = true;
        return shared.lanes().reportLost(lane, why).map(reported -> {
            over = true;
            return Optional.empty();
        });
    }

    /** PostgreSQL lets the lane sell and Redis does not know it. */
    private Future<Optional<Batch>> afterStale(Throwable failure) {
        return failure instanceof StaleLane
                ? lost("Redis does not have it: " + failure.getMessage())
                : Future.failedFuture(failure);
    }

    private long waiting(long entries) {
        shared.metrics().waiting(lane, entries);
        if (entries > shared.settings().warnAt()) {
            LOG.warn("lane {}: {} entries wait for PostgreSQL and fill Redis", lane, entries);
        }
        return entries;
    }

    /** Not fatal: the next time it is done again. */
    private Future<Void> trim() {
        long upTo = recordedSeq();
        Recorded now = new Recorded(upTo, trimming.keepFrom(upTo, System.nanoTime()), life);
        if (now.equals(told)) {
            return Future.succeededFuture();
        }
        return shared.stream()
                .trim(lane, now)
                .onSuccess(taken -> {
                    told = now;
                    // A later life of the database has told: its cursor is another one.
                    cursorIsOld |= !taken;
                })
                .<Void>mapEmpty()
                .recover(failure -> {
                    LOG.debug("lane {} not trimmed to {}: {}", lane, upTo, failure.toString());
                    return Future.succeededFuture();
                });
    }
}
