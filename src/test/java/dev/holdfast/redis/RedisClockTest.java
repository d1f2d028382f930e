package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.ClockReading;
import dev.holdfast.reservation.ClockReading.Step;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RedisClockTest {

    private static final long START = 1_000_000;

    private final AtomicLong nanos = new AtomicLong(TimeUnit.DAYS.toNanos(300));
    private final RedisClock clock = new RedisClock(nanos::get);

    @Test
    void aNodeThatHasReadNothingTellsNothing() {
        assertThat(clock.evidence()).isEmpty();
        assertThat(clock.reading()).isNull();
    }

    @Test
    void aClockThatGoesOnWithOursHasNoStep() {
        read(START);
        pass(500);

        long step = read(START + 500 + 700);

        assertThat(step).isZero();
        assertThat(clock.evidence()).isEqualTo("@1001200:1000000:");
    }

    @Test
    void eachReadingIsANewBeginningSoThatASlowDriftIsNoStep() {
        read(START);
        long redisMs = START;
        for (int i = 0; i < 100; i++) {
            pass(500);
            redisMs += 600;
            assertThat(read(redisMs)).isZero();
        }

        assertThat(clock.reading().steps()).isEmpty();
    }

    @Test
    void smallStepsAddUpToASlip() {
        read(START);
        long redisMs = START;
        for (int i = 0; i < 8; i++) {
            pass(500);
            redisMs += 1_500;
            assertThat(read(redisMs)).isZero();
        }

        assertThat(clock.slippedMs()).isBetween(7_980L, 8_000L);
        assertThat(clock.reading().steps()).isEmpty();
    }

    @Test
    void smallStepsToAndFroAddUpToNothing() {
        read(START);
        long redisMs = START;
        for (int i = 0; i < 8; i++) {
            pass(500);
            redisMs += i % 2 == 0 ? 1_300 : -300;
            read(redisMs);
        }

        assertThat(clock.slippedMs()).isBetween(-10L, 10L);
    }

    @Test
    void aClockThatIsSlewedAsNtpDoesItHasNoSlip() {
        read(START);
        for (int i = 1; i <= 1_000; i++) {
            pass(500);
            read(START + i * 500L + i / 4);
        }

        assertThat(clock.slippedMs()).isZero();
    }

    @Test
    void answersThatTakeDifferentlyLongAreNoSlip() {
        read(START);
        for (int i = 1; i <= 200; i++) {
            long asked = clock.nanos();
            pass(i % 2 == 0 ? 90 : 1);
            assertThat(clock.read(
                            START + TimeUnit.NANOSECONDS.toMillis(asked - TimeUnit.DAYS.toNanos(300)),
                            asked,
                            clock.nanos()))
                    .isZero();
            pass(400);
        }

        assertThat(clock.slippedMs()).isZero();
    }

    @Test
    void aStepThatIsToldIsNoSlip() {
        read(START);
        pass(500);
        read(START + 500 + 5_000);
        pass(500);
        read(START + 1_000 + 5_000);

        assertThat(clock.slippedMs()).isZero();
    }

    @Test
    void aClockThatIsSetForwardAndBackHasTwoSteps() {
        read(START);
        pass(1_000);
        long forward = read(START + 1_000 + 3_600_000);
        pass(1_000);
        long back = read(START + 2_000);
        pass(300);

        assertThat(forward).isEqualTo(3_600_000);
        assertThat(back).isEqualTo(-3_600_000);
        assertThat(clock.evidence()).isEqualTo("@1002300:1000000:1001000,4600000,3600000;4602000,1001000,-3600000");
    }

    @Test
    void anAnswerThatCameLateIsNotAStep() {
        read(START);
        long asked = clock.nanos();
        pass(10_000);

        assertThat(clock.read(START + 9_000, asked, clock.nanos())).isZero();
        assertThat(clock.read(START + 1_000, asked, clock.nanos())).isZero();
        assertThat(clock.evidence()).isEqualTo("@1010000:1000000:");
    }

    @Test
    void withTooManyStepsTheOldestIsForgottenAndWhatWasBeforeIt() {
        read(START);
        long redisMs = START;
        for (int i = 0; i < 9; i++) {
            redisMs += 10_000;
            assertThat(read(redisMs)).isEqualTo(10_000);
        }

        assertThat(clock.reading().watchedFromMs()).isEqualTo(START + 10_000);
        assertThat(clock.reading().steps()).hasSize(8);
    }

    @Test
    void aNodeThatStartsTakesOverWhatWasKept() {
        read(START);
        ClockReading kept = new ClockReading(
                START - 60_000, START - 900_000, List.of(new Step(START - 805_000, START - 800_000, 5_000)));

        long step = clock.takeOver(kept, Duration.ofSeconds(61));

        assertThat(step).isZero();
        assertThat(clock.evidence()).isEqualTo("@1000000:100000:195000,200000,5000");
    }

    @Test
    void aStepWhileNoNodeWatchedIsSeenByPostgresqlsClock() {
        read(START);
        ClockReading kept = new ClockReading(START - 3_660_000, START - 9_000_000 + 8_500_000, List.of());

        long step = clock.takeOver(kept, Duration.ofSeconds(60));

        assertThat(step).isEqualTo(3_600_000);
        assertThat(clock.reading().steps()).containsExactly(new Step(START - 3_600_000, START - 60_000, 3_600_000));
    }

    @CanIgnoreReturnValue
    private long read(long redisMs) {
        return clock.read(redisMs, clock.nanos(), clock.nanos());
    }

    private void pass(long ms) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    }
}
