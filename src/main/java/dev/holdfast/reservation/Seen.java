package dev.holdfast.reservation;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something as it was found, and where.
 *
 * @param recordedAtMs null where Redis told it, as it is now; else when PostgreSQL recorded it, ms since 1970: Redis may know more, and
 *     cannot be asked
 */
public record Seen<T>(T value, @Nullable Long recordedAtMs) {

    /** As Redis tells it. */
    public static <T> Seen<T> live(T value) {
        return new Seen<>(value, null);
    }

    /** As PostgreSQL recorded it at this time, ms since 1970. */
    public static <T> Seen<T> recorded(T value, long recordedAtMs) {
        return new Seen<>(value, recordedAtMs);
    }

    /** Something else that was found with it. */
    public <U> Seen<U> map(Function<? super T, ? extends U> mapping) {
        return new Seen<>(mapping.apply(value), recordedAtMs);
    }
}
