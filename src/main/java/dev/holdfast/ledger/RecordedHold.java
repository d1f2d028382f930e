package dev.holdfast.ledger;

import dev.holdfast.reservation.RestoredReservation;

/**
 * A reservation as the books have it, held or ended, with the place of its last transition.
 *
 * @param recordedAtMs when that was recorded, ms since 1970 by PostgreSQL's clock
 */
public record RecordedHold(RestoredReservation reservation, LedgerPlace place, long recordedAtMs) {}
