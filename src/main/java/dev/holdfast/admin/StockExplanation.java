package dev.holdfast.admin;

import dev.holdfast.ledger.RecordedStock;
import dev.holdfast.ledger.StoredAdjustment;
import dev.holdfast.reservation.Expiries;
import dev.holdfast.reservation.StockCount;
import java.util.List;
import java.util.Optional;

/** What may come of asking where the units of a SKU are. */
public sealed interface StockExplanation {

    /**
     * Where every unit is. Each of the two sides adds up by itself; between them lies what is not recorded yet.
     *
     * @param now as Redis has it
     * @param expiries the holds that run out next
     * @param recorded as the books have it; empty while the SKU is not recorded
     * @param adjustments the latest ones, newest first
     */
    record Explained(
            StockCount now, Expiries expiries, Optional<RecordedStock> recorded, List<StoredAdjustment> adjustments)
            implements StockExplanation {}

    /** The sale has no such SKU. */
    record NoSuchSku() implements StockExplanation {}

    /** Neither PostgreSQL nor Redis knows the sale. */
    record NoSuchSale() implements StockExplanation {}
}
