package dev.holdfast.scenario;

import java.util.Map;

/**
 * What somebody other than a buyer was told, or read, between two moments of the test's clock (System.nanoTime): before the question was
 * sent, and after the answer was there.
 */
sealed interface Observation {

    long startNanos();

    long endNanos();

    /** The public counts of all SKUs ({@code whole}), or of one. */
    record StockSeen(int node, Map<String, Counts> items, boolean whole, long startNanos, long endNanos)
            implements Observation {}

    /**
     * An audit that an admin asked for.
     *
     * @param epoch and {@code seq}: the entry at which its last slice was compared
     * @param redis the counts of Redis, each SKU's at that entry or at one before it
     * @param postgres the counts of PostgreSQL when it had recorded the same entry
     */
    record Audited(
            long epoch,
            long seq,
            boolean balanced,
            Map<String, Counts> redis,
            Map<String, Counts> postgres,
            long startNanos,
            long endNanos)
            implements Observation {}

    /** An admin was told that the sale is like this now. The clock is that of a rehearsal, ms ahead. */
    record SaleSaid(String state, long offsetMs, long startNanos, long endNanos) implements Observation {}

    /** An adjustment was refused because of what is held and sold. */
    record BelowUse(String sku, long capacity, long held, long sold, long startNanos, long endNanos)
            implements Observation {}

    /** How far PostgreSQL said that it had recorded the lane: the seq of one epoch. */
    record CursorRead(long epoch, long seq, long startNanos, long endNanos) implements Observation {}

    /** An answer that could not be had: the problem's code, or {@code unknown}. */
    record NotAnswered(String asked, int node, String code, long startNanos, long endNanos) implements Observation {}
}
