package dev.holdfast.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditPaceTest {

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final int SLICE = 100;

    @Test
    void fewSkusLeaveRedisAloneForLong() {
        assertThat(AuditPace.pauseAfter(SLICE, 1_000, INTERVAL)).isEqualTo(Duration.ofMillis(40));
    }

    @ParameterizedTest
    @ValueSource(longs = {20_000, 25_000, 60_000, 200_000})
    void howeverManyThereAreTheirPausesLeaveTimeForTheWorkWithinTheInterval(long skusOfNode) {
        Duration all = AuditPace.pauseAfter(SLICE, skusOfNode, INTERVAL).multipliedBy(skusOfNode / SLICE);

        assertThat(all).isLessThan(INTERVAL.multipliedBy(7).dividedBy(10));
    }

    @Test
    void thereIsAlwaysAPause() {
        assertThat(AuditPace.pauseAfter(0, 0, INTERVAL)).isPositive();
        assertThat(AuditPace.pauseAfter(1, 1_000_000, INTERVAL)).isPositive();
    }
}
