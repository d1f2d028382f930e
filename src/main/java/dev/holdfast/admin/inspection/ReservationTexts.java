package dev.holdfast.admin.inspection;

import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import java.time.Instant;

/** Reservations for people: what one is, and in what two readings of one are apart. */
final class ReservationTexts {

    private ReservationTexts() {}

    /** State, lines, time and revision. */
    static String told(RestoredReservation reservation) {
        StringBuilder text = new StringBuilder(reservation.state().word());
        reservation
                .cart()
                .lines()
                .forEach(line ->
                        text.append(' ').append(line.quantity()).append(" of ").append(line.sku()));
        Long endedAtMs = reservation.endedAtMs();
        return text.append(
                        endedAtMs == null ? ", due at " + at(reservation.expiresAtMs()) : ", ended at " + at(endedAtMs))
                .append(" (revision ")
                .append(reservation.revision())
                .append(')')
                .toString();
    }

    /** What {@link #told} does not show of each and is not the same in both; empty where all of it is. */
    static String apart(RestoredReservation one, String where, RestoredReservation other, String elsewhere) {
        StringBuilder text = new StringBuilder();
        if (!one.customerId().equals(other.customerId())) {
            text.append("; its customer is ")
                    .append(one.customerId())
                    .append(' ')
                    .append(where)
                    .append(" and ")
                    .append(other.customerId())
                    .append(' ')
                    .append(elsewhere);
        }
        if (!one.fingerprint().equals(other.fingerprint())) {
            text.append("; the hash of its request is ")
                    .append(one.fingerprint())
                    .append(' ')
                    .append(where)
                    .append(" and ")
                    .append(other.fingerprint())
                    .append(' ')
                    .append(elsewhere)
                    .append(", by which a repeated request is told from another one");
        }
        if (one.state() != ReservationState.HELD && one.expiresAtMs() != other.expiresAtMs()) {
            text.append("; its deadline was ")
                    .append(at(one.expiresAtMs()))
                    .append(' ')
                    .append(where)
                    .append(" and ")
                    .append(at(other.expiresAtMs()))
                    .append(' ')
                    .append(elsewhere);
        }
        return text.toString();
    }

    /** A moment in ms since 1970, as all answers write it. */
    static String at(long ms) {
        return Instant.ofEpochMilli(ms).toString();
    }
}
