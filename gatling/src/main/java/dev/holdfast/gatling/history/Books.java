package dev.holdfast.gatling.history;

import java.util.List;
import java.util.Map;

/**
 * What the service says after the run, when every hold had time to end.
 *
 * @param capacities of the SKUs as they were set up
 * @param adjustments of the SKUs that have any, those that were applied, oldest first
 * @param stock by SKU, from the public API: what Redis has
 * @param recorded by SKU, from the audit: what PostgreSQL has
 * @param balanced what the service's own audit found
 */
public record Books(
        Map<String, Long> capacities,
        Map<String, List<Adjustment>> adjustments,
        Map<String, StockCounts> stock,
        Map<String, StockCounts> recorded,
        boolean balanced) {
    public Books {
        capacities = Map.copyOf(capacities);
        adjustments = Map.copyOf(adjustments);
        stock = Map.copyOf(stock);
        recorded = Map.copyOf(recorded);
    }

    /** Of a sale whose capacities stay what they were. */
    Books(
            Map<String, Long> capacities,
            Map<String, StockCounts> stock,
            Map<String, StockCounts> recorded,
            boolean balanced) {
        this(capacities, Map.of(), stock, recorded, balanced);
    }
}
