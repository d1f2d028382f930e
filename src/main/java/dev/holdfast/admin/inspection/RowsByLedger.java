package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.LedgerPage;
import dev.holdfast.ledger.LedgerPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry.Transition;
import dev.holdfast.reservation.RestoredReservation;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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
     * @param wanted as it is written
     * @param detail what it said, and what it says now, for people
     */
    public record Mended(
            Transition transition, RestoredReservation wanted, LedgerPlace place, boolean wrong, String detail) {}

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

    /** Where nobody knows whose a reservation is, the row keeps its customer. */
    private Future<List<Mended>> differing(Lane lane, List<LedgerPage.Batch> batches) {
        return ReservationLook.differing(book, lane, batches)
                .map(differing -> differing.stream()
                        .map(RowsByLedger::mended)
                        .flatMap(Optional::stream)
                        .toList());
    }

    private static Optional<Mended> mended(RowDiffers one) {
        RecordedHold row = one.row();
        RestoredReservation wanted =
                row != null && one.isOwnerDoubtful() ? one.wanted().ownedAs(row.reservation()) : one.wanted();
        return row != null && row.reservation().equals(wanted)
                ? Optional.empty()
                : Optional.of(new Mended(one.transition(), wanted, one.place(), one.isWrong(), one.told()));
    }

    private Future<Void> write(Lane lane, List<Mended> wrong) {
        Iterator<Mended> each = wrong.iterator();
        return AsyncLoop.whileTrue(() -> {
            if (!each.hasNext()) {
                return Future.succeededFuture(false);
            }
            Mended one = each.next();
            return book.rewrite(lane, one.place(), one.wanted(), one.wrong()).map(true);
        });
    }
}
