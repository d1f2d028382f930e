package dev.holdfast.reservation;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The lines of one reservation, each SKU once, in the order of their names: two carts with the same units are equal.
 *
 * @param lines 1 to {@link #MAX_LINES}
 */
public record Cart(List<Line> lines) {

    /** The most lines in a cart: it bounds the work of one script call. */
    public static final int MAX_LINES = 20;

    /** Throws IllegalArgumentException where the lines are none, too many, or not in order of distinct SKUs. */
    public Cart {
        lines = List.copyOf(lines);
        if (lines.isEmpty() || lines.size() > MAX_LINES) {
            throw new IllegalArgumentException("a cart has 1 to " + MAX_LINES + " lines, not " + lines.size());
        }
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i - 1).sku().value().compareTo(lines.get(i).sku().value()) >= 0) {
                throw new IllegalArgumentException(
                        "lines out of order at " + lines.get(i).sku());
            }
        }
    }

    /** Sums lines of the same SKU. Throws IllegalArgumentException where a sum is over {@link Line#MAX_QUANTITY}. */
    public static Cart of(Collection<Line> lines) {
        TreeMap<String, Line> bySku = new TreeMap<>();
        for (Line line : lines) {
            bySku.merge(line.sku().value(), line, (a, b) -> new Line(a.sku(), a.quantity() + b.quantity()));
        }
        return new Cart(List.copyOf(bySku.values()));
    }

    /** Units over all lines. */
    public int units() {
        int units = 0;
        for (Line line : lines) {
            units += line.quantity();
        }
        return units;
    }
}
