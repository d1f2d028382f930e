package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Rfc3339Test {

    /** What java.time makes of it, slowly. */
    private static final DateTimeFormatter JAVA_TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final long YEAR_10000 =
            Instant.parse("+10000-01-01T00:00:00Z").toEpochMilli();

    @ParameterizedTest
    @MethodSource("moments")
    void writesEveryMomentAsJavaTimeDoes(long ms) {
        String text = Rfc3339.text(ms);

        assertThat(text).isEqualTo(JAVA_TIME.format(Instant.ofEpochMilli(ms)));
    }

    @ParameterizedTest
    @MethodSource("moments")
    void readsWhatItWrote(long ms) {
        String text = Rfc3339.text(ms);

        assertThat(Rfc3339.msOf(text)).isEqualTo(ms >= 0 && ms < YEAR_10000 ? ms : null);
    }

    /** The edges of days and years, and others by a fixed seed. */
    private static LongStream moments() {
        LongStream edges = LongStream.of(
                0, 1, -1, 999, 1000, 86_399_999, 86_400_000, 951_782_400_000L, YEAR_10000 - 1, YEAR_10000);
        return LongStream.concat(edges, new Random(42).longs(200, 0, YEAR_10000));
    }
}
