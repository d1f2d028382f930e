package dev.holdfast.gatling.history;

/** Where the units of a SKU are. */
public record StockCounts(long capacity, long available, long held, long sold) {

    /** The counts of several SKUs together. */
    public StockCounts plus(StockCounts other) {
        return new StockCounts(
                capacity + other.capacity, available + other.available, held + other.held, sold + other.sold);
    }
}
