package dev.holdfast.reservation;

import org.jspecify.annotations.Nullable;

/**
 * What a checkout asks for.
 *
 * @param holdSeconds how long to hold; null for the sale's own time
 * @param idempotencyKey the caller's name for this request; null for none: then every call is a new reservation
 */
public record HoldRequest(
        SaleId saleId,
        CustomerId customerId,
        Cart cart,
        @Nullable Integer holdSeconds,
        @Nullable String idempotencyKey) {

    /** The shortest hold, seconds: contract, POST reservations. */
    public static final int MIN_HOLD_SECONDS = 5;
}
