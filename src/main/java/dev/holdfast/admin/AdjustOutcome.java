package dev.holdfast.admin;

import dev.holdfast.ledger.StoredAdjustment;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.Unavailable;

/** What may come of adjusting a SKU's capacity. */
public sealed interface AdjustOutcome {

    /**
     * It is in force.
     *
     * @param pendingReduction units of the capacity before that go as holds end
     * @param replayed whether the same request came before
     */
    record Applied(Adjustment adjustment, long pendingReduction, boolean replayed) implements AdjustOutcome {}

    /** Nothing changed: it would be less than what is held and sold; with allowBelowHeld, than what is sold. */
    record BelowUse(Adjustment adjustment, long held, long sold) implements AdjustOutcome {}

    /** Nothing changed: the capacity has another version than was expected. */
    record OtherVersion(long capacity, long version) implements AdjustOutcome {}

    /** Nothing changed: a SKU cannot have so many units, or so few. */
    record OutOfRange(long after) implements AdjustOutcome {}

    /** Nothing changed: another request had this Idempotency-Key. */
    record KeyReused() implements AdjustOutcome {}

    /** PostgreSQL has it, and Redis will as soon as it can: asking again with the same key tells how it ended. */
    record Stored(Unavailable.Reason reason) implements AdjustOutcome {}

    /** PostgreSQL knows no such SKU in the sale. */
    record NoSuchSku() implements AdjustOutcome {}

    /** PostgreSQL knows no such sale. */
    record NoSuchSale() implements AdjustOutcome {}

    /** For {@link StoredAdjustment}s that have an answer already. */
    static AdjustOutcome replayed(StoredAdjustment stored) {
        Long pending = stored.pendingReduction();
        return new Applied(stored.adjustment(), pending == null ? 0 : pending, true);
    }
}
