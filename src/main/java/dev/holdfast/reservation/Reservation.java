package dev.holdfast.reservation;

import org.jspecify.annotations.Nullable;

/**
 * One buyer's reservation as it was at one moment of the sale's clock.
 *
 * @param heldAtMs when it was made, ms since 1970 by the sale's clock
 * @param expiresAtMs deadline of its hold, ms since 1970: from that millisecond on it is not held any more
 * @param endedAtMs when it ended, ms since 1970; null while held
 * @param readAtMs the moment of this reading, ms since 1970 by the sale's clock
 * @param recorded whether this state is in PostgreSQL
 * @param mark which of its states this is
 */
public record Reservation(
        ReservationId id,
        SaleId saleId,
        CustomerId customerId,
        ReservationState state,
        Cart cart,
        long heldAtMs,
        long expiresAtMs,
        @Nullable Long endedAtMs,
        long readAtMs,
        boolean recorded,
        Mark mark) {

    /**
     * Tells one state of a reservation from all others.
     *
     * @param revision counts its transitions from 1
     * @param epoch of the lane when it was read
     * @param seq of the ledger's entry that made this state; 0 where that is of an earlier epoch
     * @param fingerprint of the request that made the reservation
     */
    public record Mark(long revision, long epoch, long seq, String fingerprint) {}

    /** Counts its transitions from 1. */
    public long revision() {
        return mark.revision;
    }

    /** What is left of the hold, ms; 0 once it ended. */
    public long remainingMs() {
        return state == ReservationState.HELD ? Math.max(0, expiresAtMs - readAtMs) : 0;
    }

    /** The same with a hold that is due counted as expired: from its deadline on, swept or not. */
    public Reservation asOfReading() {
        if (state != ReservationState.HELD || readAtMs < expiresAtMs) {
            return this;
        }
        return new Reservation(
                id,
                saleId,
                customerId,
                ReservationState.EXPIRED,
                cart,
                heldAtMs,
                expiresAtMs,
                expiresAtMs,
                readAtMs,
                false,
                mark);
    }
}
