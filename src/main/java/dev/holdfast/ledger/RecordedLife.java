package dev.holdfast.ledger;

import dev.holdfast.reservation.RestoredReservation;

/**
 * A reservation as the books have it.
 *
 * @param epoch with {@code seq} the place of its last transition in the ledger
 */
public record RecordedLife(RestoredReservation reservation, long epoch, long seq) {}
