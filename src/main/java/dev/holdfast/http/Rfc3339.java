package dev.holdfast.http;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as the contract has them: in UTC, with milliseconds. */
final class Rfc3339 {

    // java.time reads ISO 8601, which has more forms than RFC 3339.
    private static final Pattern FORM =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?([Zz]|[+-]\\d{2}:\\d{2})");

    private static final byte[] PATTERN = "0000-00-00T00:00:00.000Z".getBytes(StandardCharsets.ISO_8859_1);

    private static final int YEAR_DIGITS = 4;
    private static final long DAY_MS = 86_400_000;

    private Rfc3339() {}

    /** The time of {@code ms} since 1970; after the year 9999, which RFC 3339 does not reach, as ISO 8601 has it. */
    static String text(long ms) {
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(ms, DAY_MS));
        int msOfDay = (int) Math.floorMod(ms, DAY_MS);
        byte[] text = PATTERN.clone();
        digits(text, 0, YEAR_DIGITS, day.getYear());
        digits(text, 5, 2, day.getMonthValue());
        digits(text, 8, 2, day.getDayOfMonth());
        digits(text, 11, 2, msOfDay / 3_600_000);
        digits(text, 14, 2, msOfDay / 60_000 % 60);
        digits(text, 17, 2, msOfDay / 1000 % 60);
        digits(text, 20, 3, msOfDay % 1000);
        String time = new String(text, StandardCharsets.ISO_8859_1);
        return day.getYear() > 9999 ? "+" + day.getYear() + time.substring(YEAR_DIGITS) : time;
    }

    private static void digits(byte[] text, int at, int count, int number) {
        int rest = number;
        for (int i = at + count - 1; i >= at; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

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
