package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The atomic step on lanes whose lost units are offered to receipts first: nothing new is held, and no cart grows. All else is as on any
 * lane. To be used on the event loop of the step.
 */
final class ReceiptsFirstStep implements AtomicStep {

    private final AtomicStep live;
    private final long leftMs;

    /** @param leftMs for how long it is so from now on, ms, more than 0 */
    ReceiptsFirstStep(AtomicStep live, long leftMs) {
        this.live = live;
        this.leftMs = leftMs;
    }

    /** A repetition of what is there is answered: it takes no units. */
    @Override
    public Future<HoldOutcome> hold(Lane lane, HoldId id, String fingerprint, HoldRequest request) {
        if (request.idempotencyKey() == null) {
            return later(lane);
        }
        return isThere(lane, id.id())
                .compose(there ->
                        there || id.other() == null ? Future.succeededFuture(there) : isThere(lane, id.other()))
                .compose(there -> there ? live.hold(lane, id, fingerprint, request) : later(lane));
    }

    private Future<Boolean> isThere(Lane lane, ReservationId id) {
        return live.find(lane, id).map(found -> !(found instanceof ChangeOutcome.NoSuchReservation));
    }

    @Override
    public Future<ChangeOutcome> confirm(Lane lane, ReservationId id) {
        return live.confirm(lane, id);
    }

    @Override
    public Future<ChangeOutcome> release(Lane lane, ReservationId id) {
        return live.release(lane, id);
    }

    @Override
    public Future<ChangeOutcome> extend(Lane lane, ReservationId id, int holdSeconds, @Nullable Long expectedRevision) {
        return live.extend(lane, id, holdSeconds, expectedRevision);
    }

    /** A replacement at the same moment may make the cart smaller: then this gives it back what it had a moment ago. */
    @Override
    public Future<ChangeOutcome> replace(Lane lane, ReservationId id, Cart cart, @Nullable Long expectedRevision) {
        return live.find(lane, id)
                .compose(found -> found instanceof ChangeOutcome.Done done && grows(done.reservation(), cart)
                        ? later(lane)
                        : live.replace(lane, id, cart, expectedRevision));
    }

    private static boolean grows(Reservation held, Cart wanted) {
        Map<Sku, Integer> owned = new HashMap<>();
        held.cart().lines().forEach(line -> owned.put(line.sku(), line.quantity()));
        return held.state() == ReservationState.HELD
                && wanted.lines().stream().anyMatch(line -> line.quantity() > owned.getOrDefault(line.sku(), 0));
    }

    @Override
    public Future<ChangeOutcome> reclaim(Lane lane, Receipt receipt) {
        return live.reclaim(lane, receipt);
    }

    @Override
    public Future<ChangeOutcome> find(Lane lane, ReservationId id) {
        return live.find(lane, id);
    }

    @Override
    public Future<Optional<StockCount>> count(Lane lane, Sku sku) {
        return live.count(lane, sku);
    }

    @Override
    public Future<StockCounts> stock(Lane lane) {
        return live.stock(lane);
    }

    @Override
    public Future<Expiries> expiries(Lane lane, Sku sku, int most) {
        return live.expiries(lane, sku, most);
    }

    @Override
    public Future<SaleStanding> standing(Lane lane) {
        return live.standing(lane).map(standing -> standing.withReceiptsFirst(leftMs));
    }

    private <T> Future<T> later(Lane lane) {
        return Future.failedFuture(Unavailable.recovering(
                "Redis lost reservations, and for " + (leftMs + 999) / 1000
                        + " s more their units are kept for the receipts of those who had them.",
                leftMs,
                "lane " + lane + " offers its units to receipts first"));
    }
}
