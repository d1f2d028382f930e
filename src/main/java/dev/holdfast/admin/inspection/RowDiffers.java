package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.RestoredReservation;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A row of PostgreSQL that is missing, or that a batch of the ledger contradicts.
 *
 * @param transition the last of the reservation in that part of the ledger
 * @param wanted the reservation as it must be there; whose it is never changes, whatever a later entry says
 * @param isOwnerDoubtful whether the row and the entry name different customers or requests, and nothing says which is right
 * @param row null where it is gone, or no reservation
 */
record RowDiffers(
        Transition transition,
        LedgerPlace place,
        RestoredReservation wanted,
        boolean isOwnerDoubtful,
        @Nullable RecordedHold row) {

    /** Whether the row that is there, if there is one, is not what the ledger says of its revision. */
    boolean isWrong() {
        return row == null || row.reservation().revision() == wanted.revision();
    }

    /** For people, in one line. */
    String told() {
        String ledger = "the ledger has it " + wanted.state().word() + " at " + place;
        return row == null
                ? "its row is gone, or no reservation; " + ledger
                : "its row says " + ReservationTexts.told(row.reservation()) + " at " + row.place() + "; " + ledger
                        + ReservationTexts.apart(row.reservation(), "in the row", wanted, "in the ledger");
    }

    Finding finding() {
        return new Finding(
                IncidentKind.RESERVATION_DIFFERS,
                wanted.id().value(),
                wanted.cart().units(),
                told());
    }

    /** Whose limits it may concern. */
    Set<String> customers() {
        String ledger = wanted.customerId().value();
        return row == null || row.reservation().customerId().value().equals(ledger)
                ? Set.of(ledger)
                : Set.of(ledger, row.reservation().customerId().value());
    }
}
