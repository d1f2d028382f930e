package dev.holdfast.reservation;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A lane's counts after one entry of its ledger, in the order of the SKUs' names. Immutable, and only equal to itself: whoever shows
 * counts again can see by that whether they are others.
 */
public final class StockCounts {

    private static final Comparator<StockCount> BY_NAME =
            Comparator.comparing(count -> count.sku().value());

    private final List<StockCount> all;

    private StockCounts(List<StockCount> all) {
        this.all = all;
    }

    /** Each SKU once, in any order. */
    public static StockCounts of(List<StockCount> counts) {
        return new StockCounts(counts.stream().sorted(BY_NAME).toList());
    }

    /** Of every SKU. */
    public List<StockCount> all() {
        return all;
    }

    /** Empty where the lane does not have it. */
    public Optional<StockCount> of(Sku sku) {
        int low = 0;
        int high = all.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = all.get(middle).sku().value().compareTo(sku.value());
            if (order == 0) {
                return Optional.of(all.get(middle));
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }
}
