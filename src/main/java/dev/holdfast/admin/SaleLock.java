package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.Function;

/**
 * Lets one operation at a time change a sale, on all nodes. A lock, which is a courtesy, has the others wait; a fence, which is the
 * safety, keeps whoever was held up for too long from writing over what came after. Checkouts never meet either.
 */
public interface SaleLock {

    /** Enough for everything that is not as long as what it is given. */
    Duration USUAL_LEASE = Duration.ofSeconds(10);

    /**
     * Does the work once the sale is the action's, and gives it back afterwards. Waits up to 2 s for another operation, then fails with
     * {@link dev.holdfast.ledger.SaleIsLocked}; so does every transaction of the work that is late, because another operation has
     * claimed the sale since. Where Redis cannot be asked there is no waiting: the operation that claims the sale last is done.
     *
     * @param lease how long the work may take before another operation may claim the sale
     * @param work gets the action with the right to be done: every change is to be written with it, and with no other
     */
    <T> Future<T> within(SaleId saleId, AdminAction action, Duration lease, Function<AdminAction, Future<T>> work);

    /** The same for work that takes no longer than {@link #USUAL_LEASE}. */
    default <T> Future<T> within(SaleId saleId, AdminAction action, Function<AdminAction, Future<T>> work) {
        return within(saleId, action, USUAL_LEASE, work);
    }
}
