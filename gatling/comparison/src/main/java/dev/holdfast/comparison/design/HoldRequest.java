package dev.holdfast.comparison.design;

import org.jspecify.annotations.Nullable;

/**
 * One line of one SKU, which is all that these designs know of a cart.
 *
 * @param idempotencyKey null where the caller sent none
 */
public record HoldRequest(
        String saleId,
        String customerId,
        String sku,
        int quantity,
        long holdMs,
        @Nullable String idempotencyKey) {}
