package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where a request meets the rules: which lane, which id, and what to do when the lane is not what it was. */
public final class ReservationDesk {

    private final AtomicStep step;
    private final SaleDirectory directory;
    private final ReservationArchive archive;
    private final LaneTrust trust;
    private final ReservationIds ids;

    /** One desk for each event loop: the ids and the step are bound to it. */
    public ReservationDesk(
            AtomicStep step, SaleDirectory directory, ReservationArchive archive, LaneTrust trust, ReservationIds ids) {
        this.step = step;
        this.directory = directory;
        this.archive = archive;
        this.trust = trust;
        this.ids = ids;
    }

    /** Sets the cart aside. Fails with {@link Unavailable}. */
    public Future<HoldOutcome> hold(HoldRequest request) {
        ReservationId id = ids.idOf(request.saleId(), request.customerId(), request.idempotencyKey());
        String fingerprint = ids.fingerprintOf(request);
        return inLane(
                request.saleId(), lane -> step.hold(lane, id, fingerprint, request), new HoldOutcome.NoSuchSale());
    }

    /** Makes the sale of a held cart final. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> confirm(SaleId saleId, ReservationId id) {
        return change(saleId, id, lane -> step.confirm(lane, id)).map(o -> settled(o, ReservationState.CONFIRMED));
    }

    /** Gives a held cart's units back. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> release(SaleId saleId, ReservationId id) {
        return change(saleId, id, lane -> step.release(lane, id)).map(o -> settled(o, ReservationState.RELEASED));
    }

    /** Moves a held cart's deadline. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> extend(SaleId saleId, ReservationId id, int holdSeconds) {
        return change(saleId, id, lane -> step.extend(lane, id, holdSeconds));
    }

    /** Replaces a held cart's lines. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> replace(SaleId saleId, ReservationId id, Cart cart) {
        return change(saleId, id, lane -> step.replace(lane, id, cart));
    }

    /** Done with the reservation as it is, ended ones too; never Ended or Refused. Fails with {@link Unavailable}. */
    public Future<ChangeOutcome> find(SaleId saleId, ReservationId id) {
        return change(saleId, id, lane -> step.find(lane, id)).map(ReservationDesk::shown);
    }

    /** Counts one SKU, or all where it is null; empty optional if there is no such sale. Fails with {@link Unavailable}. */
    public Future<Optional<List<StockCount>>> count(SaleId saleId, @Nullable Sku sku) {
        return inLane(saleId, lane -> step.count(lane, sku).map(Optional::of), Optional.empty());
    }

    /** How the sale stands; a lane without its history stands as recovering. Fails with {@link Unavailable}. */
    public Future<Optional<SaleStanding>> standing(SaleId saleId) {
        return inLane(saleId, lane -> step.standing(lane).map(Optional::of), Optional.empty());
    }

    /** Redis drops a reservation a day after its end: then PostgreSQL still has it, ended, and it stays as it ended. */
    private Future<ChangeOutcome> change(SaleId saleId, ReservationId id, Function<Lane, Future<ChangeOutcome>> verb) {
        return inLane(saleId, verb, new ChangeOutcome.NoSuchSale())
                .compose(outcome -> outcome instanceof ChangeOutcome.NoSuchReservation
                        ? fromArchive(saleId, id)
                        : Future.succeededFuture(outcome));
    }

    private Future<ChangeOutcome> fromArchive(SaleId saleId, ReservationId id) {
        return archive.find(saleId, id)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(new ChangeOutcome.NoSuchReservation())
                        : asItEnded(found.get()));
    }

    /** Redis keeps what is held, and drops only what has ended and is recorded: a held one that it does not have is lost history. */
    private static Future<ChangeOutcome> asItEnded(Reservation reservation) {
        return reservation.state() == ReservationState.HELD
                ? Future.failedFuture(new Unavailable(
                        Unavailable.Reason.RECOVERING, "Redis does not have the hold " + reservation.id(), null))
                : Future.succeededFuture(new ChangeOutcome.Ended(reservation));
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

    private <T> Future<T> inLane(SaleId saleId, Function<Lane, Future<T>> call, T noSuchSale) {
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(noSuchSale)
                        : once(listed.get(), call).recover(failure -> againIfMoved(listed.get(), call, failure)));
    }

    private <T> Future<T> once(ListedSale listed, Function<Lane, Future<T>> call) {
        if (listed.laneState() != ListedSale.LaneState.OPEN) {
            return Future.failedFuture(
                    new StaleLane(listed.lane(), listed.laneState().name()));
        }
        return trust.require(listed.lane()).compose(call);
    }

    /** A stale lane changed nothing, so the call may be made once more, in the epoch that PostgreSQL names now. */
    private <T> Future<T> againIfMoved(ListedSale before, Function<Lane, Future<T>> call, Throwable failure) {
        if (!(failure instanceof StaleLane)) {
            return Future.failedFuture(failure);
        }
        SaleId saleId = before.sale().id();
        return directory
                .refresh(saleId)
                .compose(now -> now.isPresent() && !now.get().equals(before)
                        ? once(now.get(), call).recover(again -> Future.failedFuture(recovering(saleId, again)))
                        : Future.failedFuture(recovering(saleId, failure)));
    }

    private static Throwable recovering(SaleId saleId, Throwable failure) {
        return failure instanceof StaleLane
                ? new Unavailable(Unavailable.Reason.RECOVERING, "sale " + saleId + " has no usable lane", failure)
                : failure;
    }
}
