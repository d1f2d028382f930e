package dev.holdfast.reservation;

/**
 * A reservation as Redis keeps it.
 *
 * @param seq place of its last transition in the ledger of the lane's epoch; 0 where that was in an earlier epoch
 */
public record KeptReservation(RestoredReservation reservation, long seq) {}
