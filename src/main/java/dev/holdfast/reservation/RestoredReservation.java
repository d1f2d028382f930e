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

    /** The same reservation as that one's customer's and request's: neither ever changes. */
    public RestoredReservation ownedAs(RestoredReservation other) {
        return new RestoredReservation(
                id, other.customerId, state, cart, heldAtMs, expiresAtMs, endedAtMs, revision, other.fingerprint);
    }

    /** Whether both are the same customer's, by the same request. */
    public boolean isOwnedAs(RestoredReservation other) {
        return customerId.equals(other.customerId) && fingerprint.equals(other.fingerprint);
    }

    /** The same hold with this deadline, ms. */
    public RestoredReservation heldUntil(long deadlineMs) {
        return new RestoredReservation(
                id, customerId, state, cart, heldAtMs, deadlineMs, endedAtMs, revision, fingerprint);
    }
}
