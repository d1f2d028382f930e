package dev.holdfast.ledger;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Values as the driver wants them: times, and lists turned into columns for unnest. */
final class Columns {

    private Columns() {}

    /** Exact to the millisecond, as in Redis. */
    static OffsetDateTime time(long ms) {
        return Instant.ofEpochMilli(ms).atOffset(ZoneOffset.UTC);
    }

    static @Nullable OffsetDateTime timeOrNull(@Nullable Long ms) {
        return ms == null ? null : time(ms);
    }

    static long ms(OffsetDateTime time) {
        return time.toInstant().toEpochMilli();
    }

    static @Nullable Long msOrNull(@Nullable OffsetDateTime time) {
        return time == null ? null : ms(time);
    }

    static <T> @Nullable String[] texts(List<T> rows, Function<T, @Nullable String> column) {
        @Nullable String[] texts = new String[rows.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = column.apply(rows.get(i));
        }
        return texts;
    }

    static <T> @Nullable Long[] numbers(List<T> rows, Function<T, @Nullable Long> column) {
        @Nullable Long[] numbers = new Long[rows.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = column.apply(rows.get(i));
        }
        return numbers;
    }

    static <T> Integer[] integers(List<T> rows, Function<T, Integer> column) {
        return rows.stream().map(column).toArray(Integer[]::new);
    }

    static <T> @Nullable OffsetDateTime[] times(List<T> rows, Function<T, @Nullable Long> columnMs) {
        @Nullable OffsetDateTime[] times = new OffsetDateTime[rows.size()];
        for (int i = 0; i < times.length; i++) {
            times[i] = timeOrNull(columnMs.apply(rows.get(i)));
        }
        return times;
    }
}
