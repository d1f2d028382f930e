package dev.holdfast.ledger;

import dev.holdfast.reservation.AtomicStep;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Expiries;
import dev.holdfast.reservation.HoldId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Receipt;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleStanding;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockCounts;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the books for lanes that are retired: their counts stay as they are, nothing is held any more, and what has ended is the
 * archive's to tell. Safe for all threads.
 */
public final class RetiredLanes implements AtomicStep {

    private static final String COUNT = """
            select sku, capacity, available, held, sold, version
            from stock
            where sale_id = $1 and lane = $2 and ($3::text is null or sku = $3)
            """;

    private final Postgres postgres;
    private final SaleDirectory directory;
    private final InstantSource clock;

    /** The clock is the one that sales go by, without their own offsets. */
    public RetiredLanes(Postgres postgres, SaleDirectory directory, InstantSource clock) {
        this.postgres = postgres;
        this.directory = directory;
        this.clock = clock;
    }

    @Override
    public Future<HoldOutcome> hold(Lane lane, HoldId id, String fingerprint, HoldRequest request) {
        return Future.succeededFuture(new HoldOutcome.Refused(new Refusal.SaleClosed()));
    }

    @Override
    public Future<ChangeOutcome> confirm(Lane lane, ReservationId id) {
        return gone();
    }

    @Override
    public Future<ChangeOutcome> release(Lane lane, ReservationId id) {
        return gone();
    }

    @Override
    public Future<ChangeOutcome> extend(Lane lane, ReservationId id, int holdSeconds, @Nullable Long expectedRevision) {
        return gone();
    }

    @Override
    public Future<ChangeOutcome> replace(Lane lane, ReservationId id, Cart cart, @Nullable Long expectedRevision) {
        return gone();
    }

    @Override
    public Future<ChangeOutcome> reclaim(Lane lane, Receipt receipt) {
        return gone();
    }

    @Override
    public Future<ChangeOutcome> find(Lane lane, ReservationId id) {
        return gone();
    }

    @Override
    public Future<Optional<StockCount>> count(Lane lane, Sku sku) {
        return counts(lane, sku.value()).map(counts -> counts.stream().findFirst());
    }

    @Override
    public Future<StockCounts> stock(Lane lane) {
        return counts(lane, null).map(StockCounts::of);
    }

    private Future<List<StockCount>> counts(Lane lane, @Nullable String sku) {
        return postgres.query(
                        "count stock of retired lane " + lane,
                        COUNT,
                        Tuple.of(lane.saleId().value(), lane.number(), sku))
                .map(StockRows::counts);
    }

    @Override
    public Future<Expiries> expiries(Lane lane, Sku sku, int most) {
        return Future.succeededFuture(new Expiries(List.of(), true));
    }

    @Override
    public Future<SaleStanding> standing(Lane lane) {
        return directory.find(lane.saleId()).map(listed -> {
            long offsetMs = listed.map(known -> known.sale().clockOffsetMs()).orElse(0L);
            return new SaleStanding(SaleStanding.State.CLOSED, clock.millis() + offsetMs, true);
        });
    }

    /** Only what has ended was here. */
    private static Future<ChangeOutcome> gone() {
        return Future.succeededFuture(new ChangeOutcome.NoSuchReservation());
    }
}
