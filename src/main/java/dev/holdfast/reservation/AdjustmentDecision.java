package dev.holdfast.reservation;

/** What Redis decided about an adjustment, now or when it came before. */
public sealed interface AdjustmentDecision {

    /**
     * It is in force.
     *
     * @param pendingReduction units of the capacity before that go as holds end
     */
    record Applied(long pendingReduction) implements AdjustmentDecision {}

    /** Nothing changed: the capacity would be below what is held and sold, or below what is sold where that is allowed. */
    record BelowUse(long held, long sold) implements AdjustmentDecision {}

    /** Nothing changed: the capacity has this version, and this adjustment does not follow it. */
    record NotTheNext(long version) implements AdjustmentDecision {}

    /** Redis has decided about a later one, so about this one too: PostgreSQL knows how. */
    record DecidedBefore() implements AdjustmentDecision {}

    /** Redis does not have the SKU yet. */
    record NoSuchSku() implements AdjustmentDecision {}
}
