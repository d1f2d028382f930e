package dev.holdfast.admin.rebuild;

import dev.holdfast.ledger.ConclusionBook;
import dev.holdfast.ledger.Rebuild;
import dev.holdfast.ledger.RebuildFinding;
import dev.holdfast.ledger.RecordedLife;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.redis.LaneContents;
import dev.holdfast.redis.LaneFacts;
import dev.holdfast.reservation.AsyncLoop;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.LedgerEntry.Kind;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Holds of the books that Redis once had and has forgotten, because they ended longer ago than it keeps things. How they ended is told by
 * what it counts for their buyers: units that no other reservation of the buyer accounts for were bought.
 *
 * <p>Nothing is concluded from what is missing in a lane that is not consistent in itself, or that does not know all that the books know of
 * what both have: its holds may be missing for another reason.
 */
final class ForgottenHolds {

    private final Rebuild rebuild;
    private final LaneFacts facts;
    private final LaneContents contents;
    private final ConclusionBook book;
    private final List<RecordedLife> forgotten;
    private final Map<CustomerId, Map<Sku, Long>> accountedFor = new HashMap<>();
    private boolean consistent = true;

    ForgottenHolds(
            Rebuild rebuild,
            LaneFacts facts,
            LaneContents contents,
            ConclusionBook book,
            List<RecordedLife> forgotten) {
        this.rebuild = rebuild;
        this.facts = facts;
        this.contents = contents;
        this.book = book;
        this.forgotten = forgotten;
        forgotten.forEach(life -> accountedFor.put(life.reservation().customerId(), new HashMap<>()));
    }

    /** How one of them ended. */
    record Ending(String text, RebuildFinding finding) {}

    /** None where nothing can be concluded. */
    Future<List<Ending>> endings(List<StockedSku> stock) {
        HeldUnits held = new HeldUnits(stock);
        return contents.reservations(kept -> look(kept, held), unreadable -> consistent = false)
                .compose(looked -> book.boughtBy(rebuild.from(), accountedFor.keySet()))
                .compose(bought -> {
                    bought.forEach(
                            (customer, units) -> units.forEach((sku, quantity) -> account(customer, sku, quantity)));
                    return consistent && held.isComplete() ? decideAll() : Future.succeededFuture(List.of());
                });
    }

    /** What the books have as confirmed, too, is in what {@link ConclusionBook#boughtBy} answers. */
    private Future<Void> look(List<HoldValue> kept, HeldUnits held) {
        List<ReservationId> ids =
                kept.stream().map(one -> one.reservation().id()).toList();
        return book.known(rebuild.to().saleId(), ids).map(known -> {
            for (HoldValue one : kept) {
                RestoredReservation reservation = one.reservation();
                RecordedLife life = known.get(reservation.id());
                if (reservation.state() == ReservationState.HELD) {
                    held.add(reservation);
                }
                if (life != null && life.reservation().revision() > reservation.revision()) {
                    consistent = false;
                }
                boolean inBooks = life != null && life.reservation().state() == ReservationState.CONFIRMED;
                boolean counts = reservation.state() == ReservationState.HELD
                        || (reservation.state() == ReservationState.CONFIRMED && !inBooks);
                if (counts && accountedFor.containsKey(reservation.customerId())) {
                    for (Line line : reservation.cart().lines()) {
                        account(reservation.customerId(), line.sku(), line.quantity());
                    }
                }
            }
            return null;
        });
    }

    private void account(CustomerId customer, Sku sku, long units) {
        accountedFor.computeIfAbsent(customer, first -> new HashMap<>()).merge(sku, units, Long::sum);
    }

    private Future<List<Ending>> decideAll() {
        List<Ending> endings = new ArrayList<>();
        Iterator<RecordedLife> lives = forgotten.iterator();
        return AsyncLoop.whileTrue(() -> {
                    if (!lives.hasNext()) {
                        return Future.succeededFuture(false);
                    }
                    return decide(lives.next().reservation())
                            .onSuccess(endings::add)
                            .map(true);
                })
                .map(endings);
    }

    private Future<Ending> decide(RestoredReservation hold) {
        CustomerId customer = hold.customerId();
        List<Line> lines = hold.cart().lines();
        return Future.all(lines.stream()
                        .map(line -> contents.unitsOf(customer, line.sku()))
                        .toList())
                .map(counted -> {
                    boolean bought = true;
                    for (int i = 0; i < lines.size(); i++) {
                        long others = accountedFor
                                .getOrDefault(customer, Map.of())
                                .getOrDefault(lines.get(i).sku(), 0L);
                        bought &= counted.<Long>resultAt(i) - others
                                >= lines.get(i).quantity();
                    }
                    if (bought) {
                        lines.forEach(line -> account(customer, line.sku(), line.quantity()));
                    }
                    return ending(hold, bought ? Kind.CONFIRMED : Kind.EXPIRED);
                });
    }

    private Ending ending(RestoredReservation hold, Kind how) {
        return new Ending(
                LifeConclusion.ending(hold, how, hold.expiresAtMs()),
                RebuildFinding.of(
                        RebuildFinding.Kind.RESERVATION_CONCLUDED,
                        hold.id(),
                        hold.customerId(),
                        "held in the books with " + LaneComparison.lines(hold) + "; Redis at " + facts.epoch() + "-"
                                + facts.lastSeq() + " has forgotten it and "
                                + (how == Kind.CONFIRMED
                                        ? "counts its units for the customer: it was confirmed"
                                        : "does not count its units for the customer: it ended")));
    }
}
