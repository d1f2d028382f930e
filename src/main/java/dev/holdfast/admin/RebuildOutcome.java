package dev.holdfast.admin;

import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;

/** What may come of asking for a rebuild. */
public sealed interface RebuildOutcome {

    /**
     * The lane is closed, and is being written anew.
     *
     * @param lane with the epoch that it is to get
     * @param whole how many reservations it has again, once it sells; fails where it stays closed, which is told in PostgreSQL
     */
    record Started(Lane lane, Future<Long> whole) implements RebuildOutcome {}

    /** PostgreSQL knows no such sale. */
    record NoSuchSale() implements RebuildOutcome {}

    /** The sale is over for good: Redis does not have it any more. */
    record SaleIsClosed() implements RebuildOutcome {}
}
