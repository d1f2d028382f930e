package dev.holdfast.ledger;

import dev.holdfast.reservation.LedgerEntry.Transition;

/** An entry ends or changes a reservation with other lines than it has: units would move that it does not hold. */
final class LinesDiffer extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The message names the reservation and the entry. */
    LinesDiffer(Transition entry) {
        super(
                "reservation " + entry.id() + " has other lines than entry " + entry.seq()
                        + " says: lines change by a replacement only",
                null,
                false,
                false);
    }
}
