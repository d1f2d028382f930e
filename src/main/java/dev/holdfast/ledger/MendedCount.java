package dev.holdfast.ledger;

import dev.holdfast.reservation.Sku;

/**
 * What the counts of one SKU are to be.
 *
 * @param pending units that are to go as holds end
 * @param holds reservations that hold the held units
 * @param sales reservations that bought the sold units
 */
public record MendedCount(
        Sku sku, long capacity, long available, long held, long sold, long pending, long holds, long sales) {}
