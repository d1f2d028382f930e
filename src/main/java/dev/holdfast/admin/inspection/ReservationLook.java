package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.RestoredReservation;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares PostgreSQL's rows of reservations with its ledger. */
final class ReservationLook {

    /** Both were recorded in one transaction, unless somebody has repaired the row since. */
    private static final long WITHIN_MS = Duration.ofDays(1).toMillis();

    private ReservationLook() {}

    /** Those of these rows that the ledger does not have as they are, looked at twice. */
    static Future<List<Finding>> contradicted(InspectionBook book, Lane lane, Collection<RecordedHold> rows) {
        return wrong(book, lane, rows)
                .compose(wrong -> wrong.isEmpty() ? Future.succeededFuture(List.of()) : again(book, lane, wrong));
    }

    /** A row that was written anew between two readings is another row. */
    private static Future<List<Finding>> again(InspectionBook book, Lane lane, List<RecordedHold> wrong) {
        Set<ReservationId> ids =
                wrong.stream().map(hold -> hold.reservation().id()).collect(Collectors.toSet());
        return book.holds(lane, ids)
                .compose(now -> wrong(
                        book,
                        lane,
                        wrong.stream()
                                .filter(hold -> hold.equals(
                                        now.byId().get(hold.reservation().id())))
                                .toList()))
                .map(still -> still.stream()
                        .map(hold ->
                                finding(hold.reservation(), "its row is not in the ledger as it is: " + told(hold)))
                        .toList());
    }

    private static Future<List<RecordedHold>> wrong(InspectionBook book, Lane lane, Collection<RecordedHold> rows) {
        return rows.isEmpty()
                ? Future.succeededFuture(List.of())
                : book.entries(lane, rows, 0).compose(entries -> {
                    List<RecordedHold> wrong = differing(rows, entries);
                    return wrong.isEmpty()
                            ? Future.succeededFuture(wrong)
                            : book.entries(lane, wrong, WITHIN_MS).map(wider -> differing(wrong, wider));
                });
    }

    private static List<RecordedHold> differing(
            Collection<RecordedHold> rows, Map<ReservationId, LedgerEntry> entries) {
        List<RecordedHold> differing = new ArrayList<>();
        for (RecordedHold row : rows) {
            boolean isBacked = entries.get(row.reservation().id()) instanceof Transition transition
                    && transition.after().equals(row.reservation());
            if (!isBacked) {
                differing.add(row);
            }
        }
        return differing;
    }

    /**
     * What the rows of these entries' reservations must be, each entry the last of its reservation among these: none of them may be missing,
     * and a row of the same revision must be the same.
     */
    static @Nullable Finding finding(LedgerPlace place, Transition last, @Nullable RecordedHold row) {
        RestoredReservation wanted = last.after();
        if (row == null) {
            return finding(
                    wanted,
                    "its row is gone; the ledger has it " + wanted.state().word() + " at " + place);
        }
        long revision = row.reservation().revision();
        if (revision > last.revision()) {
            return null;
        }
        boolean isRight = revision == last.revision() && row.reservation().equals(wanted);
        return isRight
                ? null
                : finding(
                        wanted,
                        "its row says " + told(row) + "; the ledger has it "
                                + wanted.state().word() + " at " + place);
    }

    private static Finding finding(RestoredReservation reservation, String detail) {
        return new Finding(
                IncidentKind.RESERVATION_DIFFERS,
                reservation.id().value(),
                reservation.cart().units(),
                detail);
    }

    /** What the row says, for people; null for one that is gone or is no reservation. */
    static String told(@Nullable RecordedHold row) {
        if (row == null) {
            return "its row was gone, or no reservation";
        }
        RestoredReservation reservation = row.reservation();
        return reservation.state().word() + ", " + reservation.cart().units() + " units, revision "
                + reservation.revision() + " at " + row.place();
    }
}
