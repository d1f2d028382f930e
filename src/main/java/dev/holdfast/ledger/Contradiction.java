package dev.holdfast.ledger;

import dev.holdfast.reservation.LedgerEntry.Transition;

/** An entry says of a reservation what cannot follow on what is recorded of it: its units would move a second time, or without being held. */
final class Contradiction extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * The message names the reservation and the entry.
     *
     * @param why what contradicts, which follows the reservation's id
     */
    Contradiction(Transition entry, String why) {
        super("reservation " + entry.id() + ' ' + why, null, false, false);
    }

    /** The entry ends or changes a reservation with other lines than it has. */
    static Contradiction ofLines(Transition entry) {
        return new Contradiction(
                entry,
                "has other lines than entry " + entry.seq() + " says: lines change by a replacement only"
                        + Succession.TO_DO);
    }
}
