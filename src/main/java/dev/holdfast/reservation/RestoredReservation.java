package dev.holdfast.reservation;

import org.jspecify.annotations.Nullable;

/**
 * A reservation as the books have it, with all that Redis needs to go on with it.
 *
 * @param endedAtMs ms since 1970 by the sale's clock, as all moments; null while held
 * @param revision counts its transitions so far
 * @param fingerprint of the canonical request: whoever repeats that gets the first answer again
 */
public record RestoredReservation(
        ReservationId id,
        CustomerId customerId,
        ReservationState state,
        Cart cart,
        long heldAtMs,
        long expiresAtMs,
        @Nullable Long endedAtMs,
        long revision,
        String fingerprint) {

    /** The same hold with this deadline, ms. */
    public RestoredReservation heldUntil(long deadlineMs) {
        return new RestoredReservation(
                id, customerId, state, cart, heldAtMs, deadlineMs, endedAtMs, revision, fingerprint);
    }
}
