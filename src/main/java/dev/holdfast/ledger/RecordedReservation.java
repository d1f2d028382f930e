package dev.holdfast.ledger;

import dev.holdfast.reservation.Reservation;
import org.jspecify.annotations.Nullable;

/**
 * A reservation as the books have it: one whose hold is due is held in them until its end is recorded.
 *
 * @param lane the number of its lane
 * @param revision counts its transitions
 * @param place of the last of them in the ledger
 * @param recordedAtMs when that was recorded, ms since 1970 by PostgreSQL's clock
 * @param release null unless an admin released it
 */
public record RecordedReservation(
        Reservation reservation,
        int lane,
        long revision,
        LedgerPlace place,
        long recordedAtMs,
        @Nullable Release release) {}
