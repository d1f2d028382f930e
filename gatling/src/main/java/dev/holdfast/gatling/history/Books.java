package dev.holdfast.gatling.history;

import java.util.Map;

/**
 * What the service says after the run, when every hold had time to end.
 *
 * @param capacities of the SKUs as they were set up
 * @param stock by SKU, from the public API: what Redis has
 * @param recorded by SKU, from the audit: what PostgreSQL has
 * @param balanced what the service's own audit found
 */
public record Books(
        Map<String, Long> capacities,
        Map<String, StockCounts> stock,
        Map<String, StockCounts> recorded,
        boolean balanced) {
    public Books {
        capacities = Map.copyOf(capacities);
        stock = Map.copyOf(stock);
        recorded = Map.copyOf(recorded);
    }
}
