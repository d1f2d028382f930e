package dev.holdfast.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PaceTest {

    private final Pace pace = new Pace(RecorderSettings.of("node"), new Random(1));

    @Test
    void aFullBatchIsFollowedAtOnceAndAnotherSoon() {
        assertThat(pace.after(Step.FULL)).isZero();
        assertThat(pace.after(Step.SOME)).isEqualTo(20);
    }

    @Test
    void idleLooksComeEverLaterUntilSomethingHappens() {
        List<Long> idle =
                LongStream.range(0, 6).map(n -> pace.after(Step.IDLE)).boxed().toList();
        long busy = pace.after(Step.SOME);
        long idleAgain = pace.after(Step.IDLE);

        assertThat(idle).containsExactly(40L, 80L, 100L, 100L, 100L, 100L);
        assertThat(busy).isEqualTo(20);
        assertThat(idleAgain).isEqualTo(40);
    }

    @Test
    void triesComeEverLaterUpToTheLongestPauseAndNeverAllAtOnce() {
        List<Long> pauses =
                LongStream.range(0, 20).map(n -> pace.afterFailure()).boxed().toList();

        assertThat(pauses).allSatisfy(pause -> assertThat(pause).isBetween(1L, 2_001L));
        assertThat(pauses.getFirst()).isLessThan(50);
        assertThat(pauses.subList(10, 20)).allSatisfy(pause -> assertThat(pause).isGreaterThanOrEqualTo(1_000));
        assertThat(pauses.subList(10, 20).stream().distinct().count()).isGreaterThan(1);
    }
}
