package dev.holdfast.comparison.check;

import java.util.List;

/**
 * Where the units of a sale are, once nothing moves any more.
 *
 * @param reservations that were ever made
 */
public record Books(List<SkuBook> skus, long reservations) {

    /** Keeps its own copy. */
    public Books {
        skus = List.copyOf(skus);
    }

    /**
     * One SKU.
     *
     * @param available units that the design would still sell
     * @param taken units of all reservations that are held or confirmed, counted one by one
     */
    public record SkuBook(String sku, long capacity, long available, long taken) {

        private long oversold() {
            return Math.max(0, taken - capacity);
        }

        private long leaked() {
            return Math.max(0, capacity - available - taken);
        }

        private long invented() {
            return Math.max(0, available + taken - Math.max(capacity, taken));
        }
    }

    /** Units that two buyers have. */
    public long oversold() {
        return skus.stream().mapToLong(SkuBook::oversold).sum();
    }

    /** Units that nobody has and nobody can get. */
    public long leaked() {
        return skus.stream().mapToLong(SkuBook::leaked).sum();
    }

    /** Units for sale that do not exist: the next oversell. */
    public long invented() {
        return skus.stream().mapToLong(SkuBook::invented).sum();
    }

    /** Units of all reservations that are held or confirmed. */
    public long taken() {
        return skus.stream().mapToLong(SkuBook::taken).sum();
    }
}
