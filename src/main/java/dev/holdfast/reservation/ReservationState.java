package dev.holdfast.reservation;

import java.util.Locale;

/** A reservation is held, then ends in exactly one of the other three. */
public enum ReservationState {
    HELD,
    CONFIRMED,
    RELEASED,
    EXPIRED;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** As it stands in answers, in the ledger and in PostgreSQL. */
    public String word() {
        return word;
    }
}
