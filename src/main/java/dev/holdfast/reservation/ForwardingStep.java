package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Hands every call on to another step. Whoever changes some of them extends this. To be used as that step is. */
abstract class ForwardingStep implements AtomicStep {

    /** Where calls go. */
    protected final AtomicStep live;

    ForwardingStep(AtomicStep live) {
        this.live = live;
    }

    @Override
    public Future<HoldOutcome> hold(Lane lane, HoldId id, String fingerprint, HoldRequest request) {
        return live.hold(lane, id, fingerprint, request);
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

    @Override
    public Future<ChangeOutcome> replace(Lane lane, ReservationId id, Cart cart, @Nullable Long expectedRevision) {
        return live.replace(lane, id, cart, expectedRevision);
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
        return live.standing(lane);
    }
}
