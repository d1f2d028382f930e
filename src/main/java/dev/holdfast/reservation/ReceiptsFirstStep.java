package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The atomic step on lanes whose lost units are offered to receipts first: nothing new is held, and no cart grows. All else is as on any
 * lane. To be used on the event loop of the step.
 */
final class ReceiptsFirstStep extends ForwardingStep {

    private final long leftMs;

    /** @param leftMs for how long it is so from now on, ms, more than 0 */
    ReceiptsFirstStep(AtomicStep live, long leftMs) {
        super(live);
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
