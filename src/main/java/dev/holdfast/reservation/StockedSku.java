package dev.holdfast.reservation;

/**
 * A SKU that was put up: its rules, and where its units are.
 *
 * @param pendingUnits by which its capacity is to shrink as holds end
 * @param adjustmentNo of the last adjustment that is in the count; 0 for none
 */
public record StockedSku(SkuRules rules, StockCount count, long pendingUnits, long adjustmentNo) {

    /** The capacity that admins decided on: what is to go as holds end is not in it any more. */
    public long decidedCapacity() {
        return count.capacity() - pendingUnits;
    }
}
