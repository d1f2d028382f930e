package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPage;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.ReservationId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes PostgreSQL's rows of reservations as its ledger has them, where they are missing or say otherwise. Batches of the ledger that were
 * changed themselves say nothing. Reads the whole ledger of the lane. Lives on one event loop.
 */
public final class RowsByLedger {

    /** Up to some thousand entries. */
    private static final int BATCHES = 20;

    private final InspectionBook book;
    private final Duration ledgerKept;

    /** @param detailsKept how long PostgreSQL keeps what has ended, and the ledger */
    public RowsByLedger(InspectionBook book, Duration detailsKept) {
        this.book = book;
        this.ledgerKept = LedgerWalk.comparableFor(detailsKept);
    }

    /**
     * A row that is written.
     *
     * @param detail what it said, and what it says now, for people
     */
    public record Mended(Transition transition, LedgerPlace place, boolean wrong, String detail) {}

    /**
     * Mends the rows of the lane. Fails as PostgreSQL does.
     *
     * @param before is told of some before they are written
     */
    public Future<Void> mend(Lane lane, Function<List<Mended>, Future<Void>> before) {
        LedgerWalk walk = new LedgerWalk(lane, book, ledgerKept);
        return AsyncLoop.whileTrue(() -> walk.nextSound(BATCHES).compose(batches -> {
            if (batches == null) {
                return Future.succeededFuture(false);
            }
            return differing(lane, batches)
                    .compose(wrong -> wrong.isEmpty()
                            ? Future.succeededFuture(true)
                            : before.apply(wrong)
                                    .compose(told -> write(lane, wrong))
                                    .map(true));
        }));
    }

    private Future<List<Mended>> differing(Lane lane, List<LedgerPage.Batch> batches) {
        Map<ReservationId, Transition> last = new LinkedHashMap<>();
        Map<ReservationId, LedgerPlace> places = new LinkedHashMap<>();
        for (LedgerPage.Batch batch : batches) {
            for (LedgerEntry entry : batch.entries()) {
                if (entry instanceof Transition transition) {
                    Transition known = last.get(transition.id());
                    if (known == null || known.revision() < transition.revision()) {
                        last.put(transition.id(), transition);
                        places.put(
                                transition.id(), new LedgerPlace(batch.place().epoch(), transition.seq()));
                    }
                }
            }
        }
        return last.isEmpty()
                ? Future.succeededFuture(List.of())
                : book.holds(lane, last.keySet()).map(rows -> {
                    List<Mended> differing = new ArrayList<>();
                    places.forEach((id, place) -> {
                        Transition transition = last.get(id);
                        RecordedHold row = rows.byId().get(id);
                        // A row that cannot be read may be of a transition whose batch was changed, too.
                        long unreadable = rows.unreadable().getOrDefault(id, 0L);
                        if (transition != null && unreadable <= transition.revision() && differs(row, transition)) {
                            differing.add(new Mended(
                                    transition,
                                    place,
                                    row == null || row.reservation().revision() == transition.revision(),
                                    ReservationLook.told(row) + "; the ledger has it "
                                            + transition.after().state().word() + " at " + place));
                        }
                    });
                    return differing;
                });
    }

    private static boolean differs(@Nullable RecordedHold row, Transition last) {
        return row == null
                || row.reservation().revision() < last.revision()
                || (row.reservation().revision() == last.revision()
                        && !row.reservation().equals(last.after()));
    }

    private Future<Void> write(Lane lane, List<Mended> wrong) {
        Iterator<Mended> each = wrong.iterator();
        return AsyncLoop.whileTrue(() -> {
            if (!each.hasNext()) {
                return Future.succeededFuture(false);
            }
            Mended one = each.next();
            return book.rewrite(lane, one.place(), one.transition().after(), one.wrong())
                    .map(true);
        });
    }
}
