package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;

/** Rolls a transaction back whose cursor was not where it should be. */
final class RaceLost extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RaceLost(Lane lane) {
        super("cursor of lane " + lane + " moved", null, false, false);
    }
}
