package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.function.Function;

/** Leads a call to the lane of its sale, and what to do when the lane is not what it was. */
public final class Lanes {

    private final SaleDirectory directory;
    private final LaneTrust trust;

    /** To be used on the event loop of the trust. */
    public Lanes(SaleDirectory directory, LaneTrust trust) {
        this.directory = directory;
        this.trust = trust;
    }

    /** Makes the call on the sale's lane, twice at most; {@code noSuchSale} where there is none. Fails with {@link Unavailable}. */
    <T> Future<T> inLane(SaleId saleId, Function<Lane, Future<T>> call, T noSuchSale) {
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
