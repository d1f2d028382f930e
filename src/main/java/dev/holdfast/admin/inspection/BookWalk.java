package dev.holdfast.admin.inspection;

import dev.holdfast.ledger.InspectionBook;
import dev.holdfast.ledger.InspectionBook.HoldPlace;
import dev.holdfast.ledger.RecordedHold;
import dev.holdfast.redis.HoldValue;
import dev.holdfast.redis.LaneScan;
import dev.holdfast.redis.LaneScan.Part;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Walks the reservations that Redis must have, as the books have them: none may be missing in Redis, what its buyer has must be counted
 * there, and the ledger must say of each what its row says.
 */
final class BookWalk implements Walk {

    private static final int MOST = 100;

    private final Lane lane;
    private final LaneScan scan;
    private final InspectionBook book;
    private final HoldLook holds;
    private final BuyerLook buyers;
    private final LooseKeys loose;
    private final Duration ledgerKept;
    private final boolean countsBuyers;
    private HoldPlace place = HoldPlace.START;

    BookWalk(Lane lane, Looks looks, LooseKeys loose, Duration ledgerKept, boolean countsBuyers) {
        this.lane = lane;
        this.scan = looks.scan();
        this.book = looks.book();
        this.holds = looks.holds();
        this.buyers = looks.buyers();
        this.loose = loose;
        this.ledgerKept = ledgerKept;
        this.countsBuyers = countsBuyers;
    }

    @Override
    public Future<Step> step() {
        // The sale's clock says what has ended long enough ago for Redis to have forgotten it.
        return scan.show(lane, Part.SALE, List.of("epoch"))
                .compose(now -> book.live(lane, place, now.nowMs() - HoldLook.REMEMBERED.toMillis(), MOST))
                .compose(page -> (page.items().isEmpty()
                                ? Future.succeededFuture(List.<Finding>of())
                                : findings(page.items()))
                        .map(findings -> {
                            HoldPlace next = page.next();
                            place = next == null ? place : next;
                            return new Step(2 * page.items().size(), findings, next == null);
                        }));
    }

    private Future<List<Finding>> findings(List<RecordedHold> page) {
        List<Finding> all = new ArrayList<>();
        return missing(page)
                .onSuccess(all::addAll)
                .compose(done -> contradicted(page))
                .onSuccess(all::addAll)
                .compose(done -> countsBuyers ? uncounted(page) : Future.succeededFuture(List.<Finding>of()))
                .onSuccess(all::addAll)
                .map(all);
    }

    private Future<List<Finding>> missing(List<RecordedHold> page) {
        List<ReservationId> ids =
                page.stream().map(hold -> hold.reservation().id()).toList();
        return scan.show(lane, Part.HOLDS, ids.stream().map(ReservationId::key).toList())
                .compose(shown -> {
                    List<ReservationId> doubtful = new ArrayList<>();
                    for (int i = 0; i < page.size(); i++) {
                        LaneScan.Entry entry = shown.entries().get(i);
                        Optional<HoldValue> value =
                                Optional.ofNullable(entry.value()).flatMap(text -> HoldValue.parse(entry.name(), text));
                        boolean isLoose = loose.take(entry.name());
                        if (isLoose
                                || value.isEmpty()
                                || !value.get().reservation().equals(page.get(i).reservation())) {
                            doubtful.add(ids.get(i));
                        }
                    }
                    return holds.look(lane, doubtful);
                });
    }

    private Future<List<Finding>> contradicted(List<RecordedHold> page) {
        long now = System.currentTimeMillis();
        List<RecordedHold> kept = page.stream()
                .filter(hold -> now - hold.recordedAtMs() < ledgerKept.toMillis())
                .toList();
        return kept.isEmpty() ? Future.succeededFuture(List.of()) : ReservationLook.contradicted(book, lane, kept);
    }

    private Future<List<Finding>> uncounted(List<RecordedHold> page) {
        Set<String> customers = new LinkedHashSet<>();
        for (RecordedHold hold : page) {
            ReservationState state = hold.reservation().state();
            if (state == ReservationState.HELD || state == ReservationState.CONFIRMED) {
                customers.add(hold.reservation().customerId().value());
            }
        }
        if (customers.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        // What Redis does count of a buyer is looked into by the walk over the buyers.
        return scan.show(lane, Part.BUYERS, List.copyOf(customers)).compose(shown -> {
            List<String> missing = shown.entries().stream()
                    .filter(entry -> entry.value() == null)
                    .map(LaneScan.Entry::name)
                    .toList();
            return missing.isEmpty() ? Future.succeededFuture(List.of()) : buyers.look(lane, missing, Set.of());
        });
    }
}
