package dev.holdfast.ledger;

import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Redis and PostgreSQL compared at one position of the ledger.
 *
 * @param position epoch-seq of the audit's own entry
 */
public record AuditReport(boolean balanced, String position, List<Item> items) {

    /**
     * One SKU on both sides; null on the side that does not know it.
     *
     * @param drift units: the largest difference between both sides' counts
     */
    public record Item(
            Sku sku, @Nullable StockCount redis, @Nullable StockCount postgres, long drift) {}
}
