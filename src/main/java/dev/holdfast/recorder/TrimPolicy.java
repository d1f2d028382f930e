package dev.holdfast.recorder;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Which entries of a lane's ledger Redis is to keep after they were recorded: a PostgreSQL that comes back older, by less than that, is
 * simply recorded again. What a recorder has not seen being recorded counts as recorded when it came. For one lane.
 */
final class TrimPolicy {

    /** Entries that are kept at most, some 11 MB: a rush writes more in ten minutes than a Redis has room for. */
    static final long MOST_KEPT = 100_000;

    /** How finely time is taken: that many moments are remembered. */
    private static final int STEPS = 10;

    private record Moment(long atNanos, long recordedSeq) {}

    private final long behindNanos;
    private final Deque<Moment> moments = new ArrayDeque<>();
    private long oldEnough;

    /** Keeps entries for this long, or a little longer. */
    TrimPolicy(Duration behind) {
        behindNanos = behind.toNanos();
    }

    /**
     * The first entry to be kept; never beyond the cursor, whose entry always is.
     *
     * @param recordedSeq the cursor at this time; it may go back, when PostgreSQL is older than it was
     * @param nowNanos of a clock that only goes on
     */
    long keepFrom(long recordedSeq, long nowNanos) {
        if (behindNanos == 0) {
            return recordedSeq;
        }
        Moment last = moments.peekLast();
        if (last == null || nowNanos - last.atNanos() >= behindNanos / STEPS) {
            moments.addLast(new Moment(nowNanos, recordedSeq));
        }
        while (!moments.isEmpty() && nowNanos - moments.getFirst().atNanos() >= behindNanos) {
            oldEnough = moments.removeFirst().recordedSeq();
        }
        return Math.min(recordedSeq, Math.max(oldEnough, recordedSeq - MOST_KEPT));
    }
}
