package dev.holdfast.reservation;

/** Where the units of one SKU are: {@code capacity = available + held + sold}, always. */
public record StockCount(Sku sku, long capacity, long available, long held, long sold, long version) {

    /** With so many units more at each place; their sum is 0. */
    public StockCount moved(long moreAvailable, long moreHeld, long moreSold) {
        return new StockCount(sku, capacity, available + moreAvailable, held + moreHeld, sold + moreSold, version);
    }

    /** With so many units more that are available. */
    public StockCount resized(long moreUnits, long newVersion) {
        return new StockCount(sku, capacity + moreUnits, available + moreUnits, held, sold, newVersion);
    }

    /** Whether every unit is somewhere, once. */
    public boolean balanced() {
        return available >= 0 && held >= 0 && sold >= 0 && available + held + sold == capacity;
    }
}
