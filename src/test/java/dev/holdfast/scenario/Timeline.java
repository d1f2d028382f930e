package dev.holdfast.scenario;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a value was after each entry of the ledger. */
final class Timeline<T> {

    private final NavigableMap<Long, T> values = new TreeMap<>();

    void put(long seq, T value) {
        values.put(seq, value);
    }

    /** The value after the entry at {@code seq}; null before its first. */
    @Nullable
    T at(long seq) {
        Map.Entry<Long, T> entry = values.floorEntry(seq);
        return entry == null ? null : entry.getValue();
    }

    /** The value at the end; null if it never had one. */
    @Nullable
    T last() {
        return values.isEmpty() ? null : values.lastEntry().getValue();
    }
}
