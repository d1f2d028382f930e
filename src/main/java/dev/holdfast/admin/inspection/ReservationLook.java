package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.IncidentKind;
import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPage;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.RestoredReservation;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares PostgreSQL's rows of reservations with its ledger. A row that a repair left as it is needs no entry that says the same. */
final class ReservationLook {

    /** Both were recorded in one transaction, unless somebody has repaired the row since. */
    private static final long WITHIN_MS = Duration.ofDays(1).toMillis();

    private ReservationLook() {}

    /** Those of these rows that the ledger does not have as they are, looked at twice. */
    static Future<List<Finding>> contradicted(InspectionBook book, Lane lane, Collection<RecordedHold> rows) {
        List<RecordedHold> doubtful =
                rows.stream().filter(row -> !row.accepted()).toList();
        return wrong(book, lane, doubtful)
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
                .compose(still -> still.isEmpty()
                        ? Future.succeededFuture(List.<Finding>of())
                        : book.entries(lane, still, WITHIN_MS)
                                .map(entries -> still.stream()
                                        .map(row -> finding(
                                                row,
                                                entries.get(row.reservation().id())))
                                        .toList()));
    }

    private static Finding finding(RecordedHold row, @Nullable LedgerEntry entry) {
        RestoredReservation there = row.reservation();
        String ledger =
                entry instanceof Transition transition && transition.id().equals(there.id())
                        ? "; the ledger has it " + ReservationTexts.told(transition.after())
                                + ReservationTexts.apart(there, "in the row", transition.after(), "in the ledger")
                        : "; the ledger does not have that entry";
        return new Finding(
                IncidentKind.RESERVATION_DIFFERS,
                there.id().value(),
                there.cart().units(),
                "its row is not in the ledger as it is: " + ReservationTexts.told(there) + " at " + row.place()
                        + ledger);
    }

    private static Future<List<RecordedHold>> wrong(InspectionBook book, Lane lane, Collection<RecordedHold> rows) {
        return rows.isEmpty()
                ? Future.succeededFuture(List.of())
                : book.entries(lane, rows, 0).compose(entries -> {
                    List<RecordedHold> wrong = differing(rows, entries);
                    return wrong.isEmpty()
                            ? Future.succeededFuture(wrong)
                            : book.entries(lane, wrong, WITHIN_MS)
                                    .compose(wider -> withoutRightOwners(book, lane, differing(wrong, wider), wider));
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

    /** Whose a reservation is its beginning says: a later entry has the customer that Redis had by then, which somebody may have changed. */
    private static Future<List<RecordedHold>> withoutRightOwners(
            InspectionBook book, Lane lane, List<RecordedHold> wrong, Map<ReservationId, LedgerEntry> entries) {
        Set<ReservationId> byOwner = wrong.stream()
                .map(RecordedHold::reservation)
                .filter(row -> entries.get(row.id()) instanceof Transition transition
                        && transition.after().ownedAs(row).equals(row))
                .map(RestoredReservation::id)
                .collect(Collectors.toSet());
        return LedgerLook.of(lane, book, byOwner)
                .map(said -> wrong.stream()
                        .filter(row -> {
                            LedgerLook.Said of = said.get(row.reservation().id());
                            return of == null || !of.ownsAs(row.reservation());
                        })
                        .toList());
    }

    /**
     * What the rows of the reservations in these batches must be and are not: none may be missing, none may be of an earlier revision than
     * the last entry here, and one of the same revision must be the same.
     */
    static Future<List<RowDiffers>> differing(InspectionBook book, Lane lane, List<LedgerPage.Batch> batches) {
        Map<ReservationId, Part> parts = new LinkedHashMap<>();
        for (LedgerPage.Batch batch : batches) {
            for (LedgerEntry entry : batch.entries()) {
                if (entry instanceof Transition transition) {
                    LedgerPlace place = new LedgerPlace(batch.place().epoch(), transition.seq());
                    parts.computeIfAbsent(transition.id(), id -> new Part()).add(transition, place);
                }
            }
        }
        return parts.isEmpty()
                ? Future.succeededFuture(List.of())
                : book.holds(lane, parts.keySet()).compose(rows -> differing(book, lane, parts, rows));
    }

    private static Future<List<RowDiffers>> differing(
            InspectionBook book, Lane lane, Map<ReservationId, Part> parts, InspectionBook.Holds rows) {
        Map<ReservationId, RowDiffers> differing = new LinkedHashMap<>();
        parts.forEach((id, part) -> {
            RowDiffers one = part.against(rows.byId().get(id));
            // A row that cannot be read may be of a later transition, whose batch was changed, too.
            if (one != null
                    && rows.unreadable().getOrDefault(id, 0L) <= one.wanted().revision()) {
                differing.put(id, one);
            }
        });
        Set<ReservationId> doubtful = differing.values().stream()
                .filter(RowDiffers::isOwnerDoubtful)
                .map(one -> one.wanted().id())
                .collect(Collectors.toSet());
        return LedgerLook.of(lane, book, doubtful).map(said -> {
            List<RowDiffers> settled = new ArrayList<>();
            differing.forEach((id, one) -> {
                RowDiffers now = said.containsKey(id) ? settled(one, Objects.requireNonNull(said.get(id))) : one;
                if (now != null) {
                    settled.add(now);
                }
            });
            return settled;
        });
    }

    /** With the owner that the beginning says. Null where the row is right then. */
    private static @Nullable RowDiffers settled(RowDiffers one, LedgerLook.Said said) {
        RestoredReservation beginning = said.last();
        if (!said.ownerIsKnown() || beginning == null) {
            return one;
        }
        RestoredReservation wanted = one.wanted().ownedAs(beginning);
        RecordedHold row = one.row();
        return row != null && row.reservation().equals(wanted)
                ? null
                : new RowDiffers(one.transition(), one.place(), wanted, false, row);
    }

    /** What a part of the ledger has of one reservation. */
    private static final class Part {

        private @Nullable Transition first;
        private @Nullable Transition last;
        private @Nullable LedgerPlace place;

        private void add(Transition transition, LedgerPlace at) {
            if (first == null || transition.revision() < first.revision()) {
                first = transition;
            }
            if (last == null || last.revision() < transition.revision()) {
                last = transition;
                place = at;
            }
        }

        private @Nullable RowDiffers against(@Nullable RecordedHold row) {
            Transition begun = Objects.requireNonNull(first);
            Transition end = Objects.requireNonNull(last);
            boolean ownerIsKnown = begun.kind() == Kind.HELD || begun.kind() == Kind.RECLAIMED;
            RestoredReservation wanted = end.after().ownedAs(begun.after());
            if (row != null) {
                RestoredReservation there = row.reservation();
                if (row.accepted() || there.revision() > end.revision() || there.equals(wanted)) {
                    return null;
                }
                if (there.revision() < end.revision() && !ownerIsKnown) {
                    // It was compared with its beginning before.
                    wanted = wanted.ownedAs(there);
                }
            }
            boolean doubtful =
                    row != null && !ownerIsKnown && !row.reservation().isOwnedAs(wanted);
            return new RowDiffers(end, Objects.requireNonNull(place), wanted, doubtful, row);
        }
    }
}
