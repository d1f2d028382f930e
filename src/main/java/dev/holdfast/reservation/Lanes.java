package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.function.BiFunction;

/** Leads a call to the lane of its sale, and what to do when the lane is not what it was. */
public final class Lanes {

    private final SaleDirectory directory;
    private final LaneTrust trust;
    private final AtomicStep live;
    private final AtomicStep restoring;
    private final AtomicStep retired;

    /**
     * To be used on the event loop of the trust.
     *
     * @param live answers for lanes that may sell
     * @param restoring answers for those of them to which Redis does not have all ended reservations back
     * @param retired answers for lanes whose sale is over for good
     */
    public Lanes(SaleDirectory directory, LaneTrust trust, AtomicStep live, AtomicStep restoring, AtomicStep retired) {
        this.directory = directory;
        this.trust = trust;
        this.live = live;
        this.restoring = restoring;
        this.retired = retired;
    }

    /** Makes the call on the sale's lane, twice at most; {@code noSuchSale} where there is none. Fails with {@link Unavailable}. */
    <T> Future<T> inLane(SaleId saleId, BiFunction<AtomicStep, Lane, Future<T>> call, T noSuchSale) {
        return directory
                .find(saleId)
                .compose(listed -> listed.isEmpty()
                        ? Future.succeededFuture(noSuchSale)
                        : once(listed.get(), call).recover(failure -> againIfMoved(listed.get(), call, failure)));
    }

    private <T> Future<T> once(ListedSale listed, BiFunction<AtomicStep, Lane, Future<T>> call) {
        Lane lane = listed.lane();
        return switch (listed.laneState()) {
            case OPEN -> trust.require(lane).compose(whole -> call.apply(stepOf(listed), whole));
            case RETIRED -> call.apply(retired, lane);
            case PREPARING, RECOVERING, FROZEN, REBUILDING ->
                Future.failedFuture(
                        new StaleLane(lane, "it is " + listed.laneState().word()));
        };
    }

    private AtomicStep stepOf(ListedSale listed) {
        AtomicStep step = listed.restoringEnded() ? restoring : live;
        long receiptsFirstMs = listed.receiptsFirstMs();
        return receiptsFirstMs > 0 ? new ReceiptsFirstStep(step, receiptsFirstMs) : step;
    }

    /** A stale lane changed nothing, so the call may be made once more, in the epoch that PostgreSQL names now. */
    private <T> Future<T> againIfMoved(
            ListedSale before, BiFunction<AtomicStep, Lane, Future<T>> call, Throwable failure) {
        if (!(failure instanceof StaleLane)) {
            return Future.failedFuture(failure);
        }
        SaleId saleId = before.sale().id();
        return directory
                .refresh(saleId)
                .compose(now -> now.isPresent() && !now.get().equals(before)
                        ? once(now.get(), call).recover(again -> Future.failedFuture(recovering(now.get(), again)))
                        : Future.failedFuture(recovering(now.orElse(before), failure)));
    }

    private static Throwable recovering(ListedSale sale, Throwable failure) {
        return failure instanceof StaleLane
                ? new Unavailable(
                        Unavailable.Reason.RECOVERING,
                        told(sale.laneState()),
                        "sale " + sale.sale().id() + " has no usable lane",
                        failure)
                : failure;
    }

    /** Why nothing is sold, for callers. */
    private static String told(ListedSale.LaneState state) {
        return switch (state) {
            case PREPARING -> "The sale is being set up in Redis.";
            case RECOVERING ->
                "The sale has stopped and waits for a rebuild, which an admin asks for: the list of incidents says why.";
            case FROZEN ->
                "The sale has stopped and waits for an admin, because its counts contradict each other or an entry cannot be"
                        + " recorded: the list of incidents says which.";
            case REBUILDING -> "The sale is being rebuilt.";
            case OPEN, RETIRED -> "Redis does not have the sale as PostgreSQL has it, which is being looked into.";
        };
    }
}
