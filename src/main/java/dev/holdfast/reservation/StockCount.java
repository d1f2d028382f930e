package dev.holdfast.reservation;

/** Where the units of one SKU are: {@code capacity = available + held + sold}, always. */
public record StockCount(Sku sku, long capacity, long available, long held, long sold, long version) {

    /** Whether every unit is somewhere, once. */
    public boolean balanced() {
        return available >= 0 && held >= 0 && sold >= 0 && available + held + sold == capacity;
    }
}
