package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a request meets the rules: which lane, which id, and what each outcome means for the caller. */
public final class ReservationDesk {

    private final Lanes lanes;
    private final ReservationArchive archive;
    private final ReservationIds ids;
    private final SoldOutBoard soldOut;
    private final RecordedSkus recorded;
    private final Suspects suspects;
    private final Duration detailsKept;
    private final InstantSource clock;

    /**
     * One desk for each event loop: all of it is bound to that, but for the board.
     *
     * @param soldOut the same for all desks of a node
     * @param recorded tells a SKU that Redis lost from one that the sale does not have
     * @param suspects is told of what Redis lost
     * @param detailsKept how long PostgreSQL keeps what has ended
     */
    public ReservationDesk(
            Lanes lanes,
            ReservationArchive archive,
            ReservationIds ids,
            SoldOutBoard soldOut,
            RecordedSkus recorded,
            Suspects suspects,
            Duration detailsKept,
            InstantSource clock) {
        this.lanes = lanes;
        this.archive = archive;
        this.ids = ids;
        this.soldOut = soldOut;
        this.recorded = recorded;
        this.suspects = suspects;
        this.detailsKept = detailsKept;
        this.clock = clock;
    }

    /** Sets the cart aside. Fails with {@link Unavailable}. */
    public Future<HoldOutcome> hold(HoldRequest request) {
        return lanes.inLane(
                request.saleId(),
                (step, lane) -> soldOut.answer(lane, request, () -> hold(step, lane, request))
                        .compose(outcome -> sure(lane, outcome)),
                new HoldOutcome.NoSuchSale());
    }

    /** Makes the sale of a held cart final. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> confirm(SaleId saleId, ReservationId id) {
        return change(saleId, id, (step, lane) -> step.confirm(lane, id))
                .map(o -> settled(o, ReservationState.CONFIRMED));
    }

    /** Gives a held cart's units back. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> release(SaleId saleId, ReservationId id) {
        return change(saleId, id, (step, lane) -> givingBack(lane, step.release(lane, id)))
                .map(o -> settled(o, ReservationState.RELEASED));
    }

    /**
     * Moves a held cart's deadline. Fails with {@link Unavailable}.
     *
     * @param expectedRevision nothing is changed where the reservation has another one; null: whichever it has
     */
    public Future<ChangeOutcome> extend(
            SaleId saleId, ReservationId id, int holdSeconds, @Nullable Long expectedRevision) {
        return change(saleId, id, (step, lane) -> step.extend(lane, id, holdSeconds, expectedRevision));
    }

    /**
     * Replaces a held cart's lines. Fails with {@link Unavailable}.
     *
     * @param expectedRevision as with {@link #extend}
     */
    public Future<ChangeOutcome> replace(SaleId saleId, ReservationId id, Cart cart, @Nullable Long expectedRevision) {
        return change(
                saleId,
                id,
                (step, lane) -> givingBack(lane, step.replace(lane, id, cart, expectedRevision))
                        .compose(outcome -> sure(lane, outcome)));
    }

    /**
     * Puts a reservation back as its receipt says, where it was lost; repeating it changes nothing. Done with it as it is then, Ended
     * where it has ended in another way or its time is over, Refused where its units are not there any more. Fails with
     * {@link Unavailable}.
     */
    public Future<ChangeOutcome> reclaim(Receipt receipt) {
        return lanes.inLane(
                receipt.saleId(),
                (step, lane) -> givingBack(lane, reclaim(step, lane, receipt)),
                new ChangeOutcome.NoSuchSale());
    }

    /** What Redis has dropped long after its end is not lost: PostgreSQL has it as it ended. */
    private Future<ChangeOutcome> reclaim(AtomicStep step, Lane lane, Receipt receipt) {
        return step.find(lane, receipt.id())
                .compose(found -> found instanceof ChangeOutcome.NoSuchReservation
                        ? archive.find(receipt.saleId(), receipt.id())
                        : Future.succeededFuture(Optional.empty()))
                .compose(archived -> archived.map(reservation ->
                                asItEnded(lane, reservation).map(ended -> settled(ended, receipt.state())))
                        .orElseGet(() -> isForgotten(receipt)
                                ? Future.succeededFuture(new ChangeOutcome.NoSuchReservation())
                                : step.reclaim(lane, receipt)));
    }

    /** A purchase so old that neither side has it any more was not lost: its units are sold, and must not be taken a second time. */
    private boolean isForgotten(Receipt receipt) {
        return receipt.state() == ReservationState.CONFIRMED
                && clock.millis() - receipt.endedAtMs() >= detailsKept.toMillis();
    }

    /** Done with the reservation as it is, ended ones too; never Ended or Refused. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> find(SaleId saleId, ReservationId id) {
        return change(saleId, id, (step, lane) -> step.find(lane, id)).map(ReservationDesk::shown);
    }

    /**
     * As {@link #find}; where the sale has stopped, what PostgreSQL has recorded. Fails with {@link Unavailable} where nothing is
     * recorded, because Redis may have it all the same, and where PostgreSQL is away, too.
     */
    public Future<Seen<ChangeOutcome>> look(SaleId saleId, ReservationId id) {
        return find(saleId, id)
                .map(Seen::live)
                .recover(failure -> hasStopped(failure)
                        ? recorded(saleId, id)
                                .otherwise(Optional.empty())
                                .compose(found -> found.map(Future::succeededFuture)
                                        .orElseGet(() -> Future.failedFuture(failure)))
                        : Future.failedFuture(failure));
    }

    private Future<Optional<Seen<ChangeOutcome>>> recorded(SaleId saleId, ReservationId id) {
        return archive.findRecorded(saleId, id)
                .map(found ->
                        found.map(seen -> seen.map(reservation -> new ChangeOutcome.Done(reservation.asOfReading()))));
    }

    /** The counts of all SKUs that can be read; empty if there is no such sale. Fails with {@link Unavailable}. */
    public Future<Optional<StockCounts>> stock(SaleId saleId) {
        return lanes.inLane(saleId, (step, lane) -> counts(step, lane).map(Optional::of), Optional.empty());
    }

    /**
     * As {@link #stock(SaleId)}, to be asked for this SKU: it is not among them only where the sale does not have it. Fails with
     * {@link Unavailable} where Redis lost its counts, too.
     */
    public Future<Optional<StockCounts>> stock(SaleId saleId, Sku sku) {
        return lanes.inLane(
                saleId,
                (step, lane) -> counts(step, lane)
                        .compose(counts -> counts.of(sku).isPresent()
                                ? Future.succeededFuture(counts)
                                : requireUnknown(lane, List.of(sku)).map(counts))
                        .map(Optional::of),
                Optional.empty());
    }

    /** A lane without any SKU may have lost them all. */
    private Future<StockCounts> counts(AtomicStep step, Lane lane) {
        return step.stock(lane)
                .compose(counts -> counts.all().isEmpty()
                        ? recorded.any(lane)
                                .compose(one ->
                                        one.isEmpty() ? Future.succeededFuture() : countsLost(lane, List.of(one.get())))
                                .map(counts)
                        : Future.succeededFuture(counts));
    }

    /** The next {@code most} holds of the SKU that run out; empty optional if there is no such sale. Fails with {@link Unavailable}. */
    public Future<Optional<Expiries>> expiries(SaleId saleId, Sku sku, int most) {
        return lanes.inLane(
                saleId, (step, lane) -> step.expiries(lane, sku, most).map(Optional::of), Optional.empty());
    }

    /** How the sale stands; a lane without its history stands as recovering. Fails with {@link Unavailable}. */
    public Future<Optional<SaleStanding>> standing(SaleId saleId) {
        return lanes.inLane(saleId, (step, lane) -> step.standing(lane).map(Optional::of), Optional.empty());
    }

    /** That a sale does not have a SKU is final for a caller: it must not be said of one that Redis lost. */
    private Future<HoldOutcome> sure(Lane lane, HoldOutcome outcome) {
        return outcome instanceof HoldOutcome.Refused refused
                        && refused.refusal() instanceof Refusal.UnknownSkus unknown
                ? requireUnknown(lane, unknown.skus()).map(outcome)
                : Future.succeededFuture(outcome);
    }

    private Future<ChangeOutcome> sure(Lane lane, ChangeOutcome outcome) {
        return outcome instanceof ChangeOutcome.Refused refused
                        && refused.refusal() instanceof Refusal.UnknownSkus unknown
                ? requireUnknown(lane, unknown.skus()).map(outcome)
                : Future.succeededFuture(outcome);
    }

    private Future<Void> requireUnknown(Lane lane, List<Sku> skus) {
        return recorded.among(lane, skus)
                .compose(lost -> lost.isEmpty() ? Future.succeededFuture() : countsLost(lane, List.copyOf(lost)));
    }

    private <T> Future<T> countsLost(Lane lane, List<Sku> skus) {
        skus.forEach(sku -> suspects.add(new Suspects.Counts(lane, sku)));
        return Future.failedFuture(new Unavailable(
                Unavailable.Reason.RECOVERING,
                "The counts of " + skus.stream().map(Sku::value).collect(Collectors.joining(", "))
                        + " were lost in Redis. Other SKUs are sold; these are when they are repaired.",
                "Redis lost the counts of " + skus + " of lane " + lane,
                null));
    }

    private Future<HoldOutcome> hold(AtomicStep step, Lane lane, HoldRequest request) {
        HoldId id = ids.idOf(request.saleId(), request.customerId(), request.idempotencyKey());
        return step.hold(lane, id, ids.fingerprintOf(request), request);
    }

    /** Before its caller hears of it: who gives back and asks again must not be refused by what was so before. */
    private <T> Future<T> givingBack(Lane lane, Future<T> change) {
        return change.onComplete(done -> soldOut.wipe(lane));
    }

    /** Redis drops a reservation some time after its end: then PostgreSQL still has it, ended, and it stays as it ended. */
    private Future<ChangeOutcome> change(
            SaleId saleId, ReservationId id, BiFunction<AtomicStep, Lane, Future<ChangeOutcome>> verb) {
        return lanes.inLane(
                saleId,
                (step, lane) -> verb.apply(step, lane)
                        .compose(outcome -> outcome instanceof ChangeOutcome.NoSuchReservation
                                ? fromArchive(lane, id)
                                : Future.succeededFuture(outcome)),
                new ChangeOutcome.NoSuchSale());
    }

    private Future<ChangeOutcome> fromArchive(Lane lane, ReservationId id) {
        return archive.find(lane.saleId(), id)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(new ChangeOutcome.NoSuchReservation())
                        : asItEnded(lane, found.get()));
    }

    /** Redis keeps what is held, and drops only what has ended and is recorded: a held one that it does not have is lost history. */
    private Future<ChangeOutcome> asItEnded(Lane lane, Reservation reservation) {
        if (reservation.state() != ReservationState.HELD) {
            return Future.succeededFuture(new ChangeOutcome.Ended(reservation));
        }
        suspects.add(new Suspects.Lost(lane, reservation.id()));
        return Future.failedFuture(new Unavailable(
                Unavailable.Reason.RECOVERING,
                Unavailable.RESERVATION_LOST,
                "Redis does not have the hold " + reservation.id(),
                null));
    }

    /** Not where Redis cannot be reached for a moment: what it knows and PostgreSQL does not yet would go back before a reader's eyes. */
    private static boolean hasStopped(Throwable failure) {
        return Unavailable.isBecause(Unavailable.Reason.RECOVERING, failure);
    }

    private static ChangeOutcome settled(ChangeOutcome outcome, ReservationState state) {
        return outcome instanceof ChangeOutcome.Ended ended
                        && ended.reservation().state() == state
                ? new ChangeOutcome.Done(ended.reservation())
                : outcome;
    }

    private static ChangeOutcome shown(ChangeOutcome outcome) {
        return outcome instanceof ChangeOutcome.Ended ended ? new ChangeOutcome.Done(ended.reservation()) : outcome;
    }
}
