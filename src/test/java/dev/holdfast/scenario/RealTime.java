package dev.holdfast.scenario;

import java.util.Arrays;
import java.util.Comparator;

/**
 * What the clients' clocks say about the order of ledger entries. An entry lies between the first request that can have caused
 * it and the first answer that shows it. So whatever was answered before a request began, that request must have met.
 */
final class RealTime {

    private final long[] earliest;
    private final long[] latest;
    private long[] latestSorted = {};
    private long[] highestSeqUpTo = {};
    private long[] earliestSorted = {};
    private long[] lowestSeqFrom = {};

    RealTime(long lastSeq) {
        earliest = new long[Math.toIntExact(lastSeq + 1)];
        latest = new long[Math.toIntExact(lastSeq + 1)];
        Arrays.fill(earliest, Long.MIN_VALUE);
        Arrays.fill(latest, Long.MAX_VALUE);
    }

    /** No request that can have caused the entry began before this moment. */
    void notBefore(long seq, long nanos) {
        earliest[(int) seq] = Math.max(earliest[(int) seq], nanos);
    }

    /** At this moment the entry was there. */
    void notAfter(long seq, long nanos) {
        latest[(int) seq] = Math.min(latest[(int) seq], nanos);
    }

    /** A moment before which the entry was not there; Long.MIN_VALUE where none is known. */
    long earliest(long seq) {
        return earliest[(int) seq];
    }

    /** A moment at which the entry was there; Long.MAX_VALUE where none is known. */
    long latest(long seq) {
        return latest[(int) seq];
    }

    /** Whether the entry was surely there before this moment. */
    boolean surelyBefore(long seq, long nanos) {
        return latest[(int) seq] < nanos;
    }

    /** To be called once, when all is known and before the questions below. */
    void settle() {
        int size = latest.length;
        Integer[] byLatest = order(latest);
        latestSorted = new long[size];
        highestSeqUpTo = new long[size];
        long highest = 0;
        for (int i = 0; i < size; i++) {
            highest = Math.max(highest, byLatest[i]);
            latestSorted[i] = latest[byLatest[i]];
            highestSeqUpTo[i] = highest;
        }
        Integer[] byEarliest = order(earliest);
        earliestSorted = new long[size];
        lowestSeqFrom = new long[size];
        long lowest = size;
        for (int i = size - 1; i >= 0; i--) {
            lowest = Math.min(lowest, byEarliest[i]);
            earliestSorted[i] = earliest[byEarliest[i]];
            lowestSeqFrom[i] = lowest;
        }
    }

    /** The same, settled. */
    RealTime settled() {
        settle();
        return this;
    }

    /** The last entry that a request which began now must have met. */
    long metBy(long startNanos) {
        int below = firstAtLeast(latestSorted, startNanos);
        return below == 0 ? 0 : highestSeqUpTo[below - 1];
    }

    /** The last entry that an answer given now can have seen. */
    long seenBy(long endNanos) {
        int above = endNanos == Long.MAX_VALUE ? earliestSorted.length : firstAtLeast(earliestSorted, endNanos + 1);
        return above == earliestSorted.length ? earliest.length - 1 : lowestSeqFrom[above] - 1;
    }

    /** Reports entries that stand before others which were answered before they were asked for. */
    void checkOrder(Violations violations) {
        for (int seq = 1; seq < latest.length; seq++) {
            violations.addUnless(
                    seenBy(latest[seq]) >= seq, "answered before an earlier entry was asked for", "seq", seq);
        }
    }

    private static Integer[] order(long[] keys) {
        Integer[] order = new Integer[keys.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingLong(i -> keys[i]));
        return order;
    }

    private static int firstAtLeast(long[] sorted, long key) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
