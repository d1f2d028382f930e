package dev.holdfast.reservation;

/**
 * A SKU that was put up: its rules, and where its units are.
 *
 * @param pendingUnits by which its capacity is to shrink as holds end
 * @param adjustmentNo of the last adjustment that is in the count; 0 for none
 */
public record StockedSku(SkuRules rules, StockCount count, long pendingUnits, long adjustmentNo) {}
