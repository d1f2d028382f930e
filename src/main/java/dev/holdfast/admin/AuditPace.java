package dev.holdfast.admin;

import java.time.Duration;

/** How long audits leave Redis alone between two slices. */
final class AuditPace {

    /** Redis works on the counts of a SKU for some 7 us: this leaves it free for 98 of 100 parts of the time. */
    private static final long LONGEST_PAUSE_FOR_A_SKU_US = 400;

    /** Of an interval; the rest of it is for the work itself. */
    private static final double SHARE_OF_PAUSES = 0.6;

    private AuditPace() {}

    /**
     * So long that every SKU of the node is audited within the interval: the more there are, the shorter.
     *
     * @param skus that were just audited
     * @param skusOfNode that are audited once an interval
     */
    static Duration pauseAfter(int skus, long skusOfNode, Duration interval) {
        double inTimeUs = SHARE_OF_PAUSES * interval.toNanos() / 1_000 / Math.max(1, skusOfNode);
        double pauseUs = skus * Math.min(LONGEST_PAUSE_FOR_A_SKU_US, inTimeUs);
        return Duration.ofMillis(Math.max(1, Math.round(pauseUs / 1_000)));
    }
}
