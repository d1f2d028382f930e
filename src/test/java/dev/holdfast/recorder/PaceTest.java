package dev.holdfast.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PaceTest {

    private final Pace pace = new Pace(Duration.ofSeconds(2), new Random(1));

    @Test
    void triesComeEverLaterUpToTheLongestPauseAndNeverAllAtOnce() {
        List<Long> pauses =
                LongStream.range(0, 20).map(n -> pace.afterFailure()).boxed().toList();

        assertThat(pauses).allSatisfy(pause -> assertThat(pause).isBetween(1L, 2_001L));
        assertThat(pauses.getFirst()).isLessThan(50);
        assertThat(pauses.subList(10, 20)).allSatisfy(pause -> assertThat(pause).isGreaterThanOrEqualTo(1_000));
        assertThat(pauses.subList(10, 20).stream().distinct().count()).isGreaterThan(1);
    }

    @Test
    void afterASuccessTheFirstPauseIsShortAgain() {
        LongStream.range(0, 20).forEach(n -> assertThat(pace.afterFailure()).isPositive());

        pace.success();

        assertThat(pace.afterFailure()).isLessThan(50);
    }
}
