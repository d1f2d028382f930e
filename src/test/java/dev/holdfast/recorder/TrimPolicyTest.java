package dev.holdfast.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TrimPolicyTest {

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final TrimPolicy policy = new TrimPolicy(Duration.ofMinutes(10));

    @Test
    void whatWasRecordedLessThanTenMinutesAgoIsKept() {
        long first = policy.keepFrom(100, 0);
        long later = policy.keepFrom(5_000, 9 * MINUTE);
        long last = policy.keepFrom(6_000, 10 * MINUTE);
        long wholeLater = policy.keepFrom(6_000, 21 * MINUTE);

        assertThat(first).isZero();
        assertThat(later).isZero();
        assertThat(last).isEqualTo(100);
        assertThat(wholeLater).isEqualTo(6_000);
    }

    @Test
    void ofAQuietLaneTheEntryAtTheCursorIsLeftInTheEnd() {
        for (long minute = 0; minute < 30; minute++) {
            policy.keepFrom(1_000, minute * MINUTE);
        }

        assertThat(policy.keepFrom(1_000, 31 * MINUTE)).isEqualTo(1_000);
    }

    @Test
    void aRushKeepsNoMoreThanAHundredThousand() {
        policy.keepFrom(1_000, 0);

        assertThat(policy.keepFrom(250_000, MINUTE)).isEqualTo(150_000);
    }

    @Test
    void aCursorThatGoesBackIsNeverPassed() {
        policy.keepFrom(5_000, 0);
        policy.keepFrom(5_000, 10 * MINUTE);

        long older = policy.keepFrom(40, 11 * MINUTE);

        assertThat(older).isEqualTo(40);
    }

    @Test
    void withoutATimeNothingButTheEntryAtTheCursorIsKept() {
        TrimPolicy none = new TrimPolicy(Duration.ZERO);

        assertThat(none.keepFrom(7, 0)).isEqualTo(7);
    }
}
