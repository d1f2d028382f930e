package dev.holdfast.ledger;

import dev.holdfast.reservation.Adjustment;

/** What may come of writing down a new adjustment. */
public sealed interface AdjustmentOpening {

    /** It is written down, and may go to Redis. */
    record Opened(Adjustment adjustment) implements AdjustmentOpening {}

    /** The same request came before. */
    record Known(StoredAdjustment stored) implements AdjustmentOpening {}

    /** Another request had this key. */
    record KeyReused() implements AdjustmentOpening {}

    /** Another one of this SKU is under way: it has to be settled first. */
    record Waiting(Adjustment earlier) implements AdjustmentOpening {}

    /** The capacity has another version than was expected. */
    record OtherVersion(long capacity, long version) implements AdjustmentOpening {}

    /** The capacity would be negative, or more than a SKU can have. */
    record OutOfRange(long after) implements AdjustmentOpening {}

    /** PostgreSQL knows no such SKU in the sale. */
    record NoSuchSku() implements AdjustmentOpening {}
}
