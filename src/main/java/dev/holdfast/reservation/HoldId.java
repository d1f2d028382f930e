package dev.holdfast.reservation;

import org.jspecify.annotations.Nullable;

/**
 * Under which id a cart is to be held.
 *
 * @param id that it gets
 * @param other that the same request may have got under the other of two secrets: then that one is its reservation; null where there is
 *     one secret only, and where the caller sent no Idempotency-Key
 */
public record HoldId(ReservationId id, @Nullable ReservationId other) {

    /** An id that is made in one way only. */
    public static HoldId of(ReservationId id) {
        return new HoldId(id, null);
    }
}
