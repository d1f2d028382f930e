package dev.holdfast.reservation;

import java.util.List;

/**
 * A SKU that was put up: its rules, and where its units are.
 *
 * @param pendingUnits by which its capacity is to shrink as holds end
 * @param adjustmentNo of the last adjustment that is in the count; 0 for none
 * @param adjustments the last that came into force, as far as they are remembered, oldest first
 */
public record StockedSku(
        SkuRules rules, StockCount count, long pendingUnits, long adjustmentNo, List<AppliedAdjustment> adjustments) {

    /** The capacity that admins decided on: what is to go as holds end is not in it any more. */
    public long decidedCapacity() {
        return count.capacity() - pendingUnits;
    }
}
