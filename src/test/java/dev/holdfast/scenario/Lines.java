package dev.holdfast.scenario;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Units by SKU, in the order of their names. */
record Lines(SortedMap<String, Integer> bySku) {

    static final Lines NONE = new Lines(new TreeMap<>());

    Lines {
        bySku = Collections.unmodifiableSortedMap(new TreeMap<>(bySku));
    }

    static Lines of(String sku, int quantity) {
        return new Lines(new TreeMap<>(Map.of(sku, quantity)));
    }

    /** Reads {@code sku quantity sku quantity}; throws IllegalArgumentException where it is anything else. */
    static Lines parse(String text) {
        String[] words = text.split(" ", -1);
        TreeMap<String, Integer> bySku = new TreeMap<>();
        if (words.length % 2 != 0) {
            throw new IllegalArgumentException("odd lines: " + text);
        }
        for (int i = 0; i < words.length; i += 2) {
            if (bySku.put(words[i], Integer.parseInt(words[i + 1])) != null) {
                throw new IllegalArgumentException("a SKU twice: " + text);
            }
        }
        return new Lines(bySku);
    }

    int of(String sku) {
        return bySku.getOrDefault(sku, 0);
    }

    int units() {
        return bySku.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Whether there is more of any SKU than there was. */
    boolean grownFrom(Lines previous) {
        return bySku.keySet().stream().anyMatch(sku -> of(sku) > previous.of(sku));
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(" ");
        bySku.forEach((sku, quantity) -> text.add(sku).add(quantity.toString()));
        return text.toString();
    }
}
