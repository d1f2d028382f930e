package dev.holdfast.admin;

import dev.holdfast.reservation.Unavailable;
import java.util.Map;

/** What may come of a file that an admin sends. All but the first have changed nothing, and {@link Stored} has not in Redis. */
public sealed interface ImportOutcome {

    /**
     * Every row is answered; what was not rejected is in PostgreSQL and in Redis, unless it was a trial.
     *
     * @param replayed whether another request under the same key did it
     */
    record Imported(ImportReport report, boolean replayed) implements ImportOutcome {}

    /** It is no CSV, or no UTF-8. */
    record Malformed(String detail) implements ImportOutcome {}

    /** It is CSV, and not a catalogue: what is wrong with which column. */
    record InvalidColumns(Map<String, String> details) implements ImportOutcome {}

    /** It has too many rows, or the sale would have too many SKUs. */
    record TooMany(String detail) implements ImportOutcome {}

    /** PostgreSQL has it all, and Redis will have the rest of it as soon as it can. */
    record Stored(Unavailable.Reason reason) implements ImportOutcome {}

    /** The Idempotency-Key stands for another file, or for the same with another dryRun. */
    record KeyReused() implements ImportOutcome {}

    /** The sale is over for good: Redis does not have it any more. */
    record SaleIsClosed() implements ImportOutcome {}

    /** PostgreSQL knows no such sale. */
    record NoSuchSale() implements ImportOutcome {}
}
