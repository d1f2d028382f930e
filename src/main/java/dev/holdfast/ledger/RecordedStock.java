package dev.holdfast.ledger;

import dev.holdfast.reservation.StockCount;

/**
 * Where the units of a SKU are as the books have it, at one place of the ledger.
 *
 * @param pendingReduction units by which capacity is to shrink as holds end
 * @param holds how many reservations hold the held ones
 * @param sales how many reservations bought the sold ones
 * @param place of the last entry that is recorded
 */
public record RecordedStock(StockCount count, long pendingReduction, long holds, long sales, LedgerPlace place) {}
