package dev.holdfast.http;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times of bodies. */
final class Rfc3339 {

    // java.time reads ISO 8601, which has more forms than RFC 3339.
    private static final Pattern FORM =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})");

    private Rfc3339() {}

    /** Ms since 1970, cut to whole ones; null where the text is no such time, or is before 1970. */
    static @Nullable Long msOf(String text) {
        if (!FORM.matcher(text).matches()) {
            return null;
        }
        try {
            long ms = OffsetDateTime.parse(text.toUpperCase(Locale.ROOT))
                    .toInstant()
                    .toEpochMilli();
            return ms < 0 ? null : ms;
        } catch (DateTimeException noSuchTime) {
            return null;
        }
    }
}
