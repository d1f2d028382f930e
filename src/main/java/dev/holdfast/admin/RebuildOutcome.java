package dev.holdfast.admin;

import dev.holdfast.admin.rebuild.Losses;
import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;

/** What may come of asking for a rebuild. */
public sealed interface RebuildOutcome {

    /**
     * The lane is closed, and is being written anew.
     *
     * @param lane with the epoch that it is to get
     * @param whole how many live reservations it has again, once it sells; fails where it stays closed, which is told in PostgreSQL
     * @param ended ends when ended reservations are in Redis again, too; fails where another attempt has to be made, which nodes make
     */
    record Started(Lane lane, Future<Long> whole, Future<Void> ended) implements RebuildOutcome {}

    /** The lane is stopped and stays so: Redis knows more than the books, which alone were to count. Nothing was lost yet. */
    record Refused(Losses losses) implements RebuildOutcome {}

    /** PostgreSQL knows no such sale. */
    record NoSuchSale() implements RebuildOutcome {}

    /** The sale is over for good: Redis does not have it any more. */
    record SaleIsClosed() implements RebuildOutcome {}
}
