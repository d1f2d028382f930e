package dev.holdfast.admin;

import dev.holdfast.ledger.StoredAdjustment;
import java.util.List;

/** What may come of asking for the adjustments of a SKU. */
public sealed interface AdjustmentList {

    /** Newest first. */
    record Found(List<StoredAdjustment> adjustments) implements AdjustmentList {}

    /** PostgreSQL knows no such SKU in the sale. */
    record NoSuchSku() implements AdjustmentList {}

    /** PostgreSQL knows no such sale. */
    record NoSuchSale() implements AdjustmentList {}
}
