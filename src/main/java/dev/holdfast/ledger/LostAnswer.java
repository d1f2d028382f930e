package dev.holdfast.ledger;

import dev.holdfast.reservation.RestoredReservation;

/**
 * A state of a reservation that a caller was told of and that the books lack.
 *
 * @param place by which they are in order
 * @param told what the caller was told
 */
public record LostAnswer(Place place, RestoredReservation told) {

    /** The entry of the lane's ledger that the answer told of. */
    public record Place(long epoch, long seq) {}
}
