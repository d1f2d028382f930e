package dev.holdfast.reservation;

import java.util.List;

/** What one customer holds or has bought, by SKU, each once: what limits are counted against. */
public record Allowance(CustomerId customerId, List<Units> units) {

    /** Units of one SKU; more than any single cart can have. */
    public record Units(Sku sku, long quantity) {}
}
