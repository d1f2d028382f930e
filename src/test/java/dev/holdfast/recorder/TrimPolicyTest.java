package dev.holdfast.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrimPolicyTest {

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final TrimPolicy policy = new TrimPolicy(Duration.ofMinutes(10));

    @Test
    void whatWasRecordedLessThanTenMinutesAgoIsKept() {
        long first = keepFrom(100, 0);
        long later = keepFrom(5_000, 9 * MINUTE);
        long last = keepFrom(6_000, 10 * MINUTE);
        long wholeLater = keepFrom(6_000, 21 * MINUTE);

        assertThat(first).isZero();
        assertThat(later).isZero();
        assertThat(last).isEqualTo(100);
        assertThat(wholeLater).isEqualTo(6_000);
    }

    @Test
    void ofAQuietLaneTheEntryAtTheCursorIsLeftInTheEnd() {
        for (long minute = 0; minute < 30; minute++) {
            keepFrom(1_000, minute * MINUTE);
        }

        assertThat(keepFrom(1_000, 31 * MINUTE)).isEqualTo(1_000);
    }

    @Test
    void aRushKeepsNoMoreThanAHundredThousand() {
        keepFrom(1_000, 0);

        assertThat(keepFrom(250_000, MINUTE)).isEqualTo(150_000);
    }

    @Test
    void aCursorThatGoesBackIsNeverPassed() {
        keepFrom(5_000, 0);
        keepFrom(5_000, 10 * MINUTE);

        long older = keepFrom(40, 11 * MINUTE);

        assertThat(older).isEqualTo(40);
    }

    @Test
    void withoutATimeNothingButTheEntryAtTheCursorIsKept() {
        TrimPolicy none = new TrimPolicy(Duration.ZERO);

        assertThat(none.keepFrom(7, 0)).isEqualTo(7);
    }

    @CanIgnoreReturnValue
    private long keepFrom(long recordedSeq, long nowMs) {
        return policy.keepFrom(recordedSeq, nowMs);
    }
}
