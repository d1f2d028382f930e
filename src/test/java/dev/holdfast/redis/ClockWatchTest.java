package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ClockWatchTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final ClockWatch watch = new ClockWatch(Duration.ofSeconds(5), Duration.ofSeconds(30));

    @Test
    void clocksThatGoTogetherAreSteadyFromTheFirstReadingOn() {
        assertThat(watch.jumpMs(1_000_000, -3 * SECOND)).isZero();
        assertThat(watch.isSteady(-3 * SECOND)).isTrue();
        assertThat(watch.jumpMs(1_001_000, -2 * SECOND)).isZero();
        assertThat(watch.isSteady(-2 * SECOND)).isTrue();
    }

    @Test
    void aDifferenceWithinTheToleranceIsNoJump() {
        long unused = watch.jumpMs(1_000_000, 0);

        assertThat(watch.jumpMs(1_006_000, SECOND)).isZero();
        assertThat(watch.jumpMs(1_002_000, 2 * SECOND)).isZero();
        assertThat(watch.isSteady(2 * SECOND)).isTrue();
    }

    @Test
    void aJumpForwardPausesForItsTime() {
        long unused = watch.jumpMs(1_000_000, 0);

        assertThat(watch.jumpMs(4_601_000, SECOND)).isEqualTo(3_600_000);
        assertThat(watch.isSteady(SECOND)).isFalse();
        assertThat(watch.jumpMs(4_630_999, 31 * SECOND - 1)).isZero();
        assertThat(watch.isSteady(31 * SECOND - 1)).isFalse();
        assertThat(watch.isSteady(31 * SECOND)).isTrue();
    }

    @Test
    void aJumpBackwardPausesToo() {
        long unused = watch.jumpMs(10_000_000, 0);

        assertThat(watch.jumpMs(9_994_000, SECOND)).isEqualTo(-7_000);
        assertThat(watch.isSteady(SECOND)).isFalse();
    }
}
