package dev.holdfast.reservation;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The counts of a SKU as they stand in Redis, whatever that is.
 *
 * @param texts capacity, available, held, sold and version; empty where there is none
 */
public record FoundCount(Sku sku, List<String> texts) {

    /** As include/writes.lua reads a count. */
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,14}");

    /** Throws IllegalArgumentException where there are not five texts. */
    public FoundCount {
        texts = List.copyOf(texts);
        if (texts.size() != 5) {
            throw new IllegalArgumentException("not five counts of " + sku + ": " + texts);
        }
    }

    /** The counts; null where one is missing or cannot be read. */
    public @Nullable StockCount count() {
        return isReadable() ? new StockCount(sku, number(0), number(1), number(2), number(3), number(4)) : null;
    }

    /** Whether each of them is a whole number. */
    public boolean isReadable() {
        return texts.stream().allMatch(text -> WHOLE.matcher(text).matches());
    }

    /** Whether none of them is there. */
    public boolean isAbsent() {
        return texts.stream().allMatch(String::isEmpty);
    }

    private long number(int place) {
        return Long.parseLong(texts.get(place));
    }

    @Override
    public String toString() {
        return isAbsent() ? "nothing" : told();
    }

    private String told() {
        return "capacity " + shown(0) + ", available " + shown(1) + ", held " + shown(2) + ", sold " + shown(3)
                + ", version " + shown(4);
    }

    private String shown(int place) {
        return texts.get(place).isEmpty() ? "missing" : texts.get(place);
    }
}
