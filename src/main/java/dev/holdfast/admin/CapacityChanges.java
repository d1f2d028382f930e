package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Changes the capacities of SKUs that are there: as adjustments, because they sell meanwhile. */
public interface CapacityChanges {

    /**
     * A capacity that is asked for.
     *
     * @param before what it is taken for, units: where it is another by now, nothing is done
     * @param after units
     */
    record Wish(Sku sku, long before, long after) {}

    /**
     * Makes them, each on its own, and answers why not, for people, for each that was not made. Fails with
     * {@link dev.holdfast.reservation.Unavailable}.
     *
     * @param trial only to tell which could be made now
     */
    Future<Map<Sku, String>> change(AdminAction action, ListedSale listed, List<Wish> wishes, boolean trial);

    /** Makes none. */
    static CapacityChanges refused() {
        return (action, listed, wishes, trial) -> {
            Map<Sku, String> refusals = new HashMap<>();
            wishes.forEach(wish -> refusals.put(
                    wish.sku(), "its capacity is " + wish.before() + " already: that changes by adjustments only"));
            return Future.succeededFuture(refusals);
        };
    }
}
