package dev.holdfast.ledger;

import dev.holdfast.reservation.LedgerEntry.Transition;

/**
 * A transition as it stands in the ledger.
 *
 * @param recordedAtMs when it was recorded, ms since 1970 by PostgreSQL's clock
 */
public record RecordedTransition(Transition transition, LedgerPlace place, long recordedAtMs) {}
