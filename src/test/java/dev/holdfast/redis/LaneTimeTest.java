package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.ClockReading;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.support.TestServers;
import io.lettuce.core.ScriptOutputType;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The time of a lane when Redis's clock is moved: that clock and the nodes' clocks stand where the test put them. */
class LaneTimeTest {

    private static final String CLOCK = "redis.call('TIME')";
    private static final String TEST_CLOCK =
            "{redis.call('HGET', 'lane-time-test', 'seconds'), redis.call('HGET', 'lane-time-test', 'micros')}";
    private static final int HOLD_MS = 60_000;
    private static final long HOUR = 3_600_000;

    private static final Scripts SCRIPTS = onTheTestClock();

    private long redisMs = 1_700_000_000_000L;
    private final Node node = new Node();
    private final RedisRoom room = node.room();
    private RedisSeed seed;
    private long givenBackMs;

    @BeforeEach
    void openSale() {
        setRedisClock();
        node.read();
        seed = RedisSeed.openSale(room).stock("A", 1);
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void aClockThatIsSetForwardEndsNoHoldNotEvenBeforeANodeHasSeenIt() {
        Reservation hold = seed.held("ann", "A", 1);
        pass(10_000);

        moveRedisClock(HOUR);

        assertThat(seed.count("A").held()).isEqualTo(1);
        assertThat(seed.hold("bob", "A", 1)).isNotInstanceOf(HoldOutcome.Held.class);
        assertThat(seed.confirm(hold)).isInstanceOf(ChangeOutcome.Done.class);
    }

    @Test
    void aHoldEndsWhenItsTimeHasPassedThoughTheClockWasSetForwardMeanwhile() {
        Reservation hold = seed.held("ann", "A", 1);
        pass(10_000);
        moveRedisClock(HOUR);
        assertThat(seed.count("A").held()).isEqualTo(1);

        node.read();
        pass(HOLD_MS - 10_000 - 1);
        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(1);

        assertThat(seed.count("A").held()).isZero();
        assertThat(seed.confirm(hold)).isInstanceOf(ChangeOutcome.Ended.class);
    }

    @Test
    void aHoldEndsWhenItsTimeHasPassedThoughTheClockWasSetBackMeanwhile() {
        seed.held("ann", "A", 1);
        pass(10_000);
        moveRedisClock(-HOUR);
        assertThat(seed.count("A").held()).isEqualTo(1);

        node.read();
        pass(HOLD_MS - 10_000 - 1);
        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(1);

        assertThat(seed.count("A").held()).isZero();
    }

    @Test
    void aStepThatIsTakenBackLeavesNothingBehind() {
        seed.held("ann", "A", 1);
        moveRedisClock(HOUR);
        node.read();
        assertThat(seed.count("A").held()).isEqualTo(1);
        assertThat(lagMs()).isEqualTo(HOUR);
        pass(5_000);

        moveRedisClock(-HOUR);
        node.read();
        pass(HOLD_MS - 5_000);

        assertThat(seed.count("A").held()).isZero();
        assertThat(lagMs()).isZero();
    }

    @Test
    void twoStepsBetweenTwoCallsOfALaneAreBothKnown() {
        seed.held("ann", "A", 1);
        pass(5_000);
        moveRedisClock(HOUR);
        node.read();
        pass(5_000);
        moveRedisClock(2 * HOUR);
        node.read();
        pass(HOLD_MS - 10_000 - 1);

        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(1);

        assertThat(seed.count("A").held()).isZero();
        assertThat(lagMs()).isEqualTo(3 * HOUR);
    }

    @Test
    void aLaneThatNobodyCalledForLongGoesByTheTimeThatPassed() {
        seed.held("ann", "A", 1);

        pass(HOLD_MS);

        assertThat(seed.count("A").held()).isZero();
        assertThat(lagMs()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "seen_ms, 100000000",
        "seen_ms, -100000000",
        "seen_ms, 1",
        "lag_ms, -3600000",
        "lag_ms, 3600000",
        "lag_ms, 5"
    })
    void aDigitThatSomebodyChangesInTheClockOfALaneEndsNoHoldAndProlongsNone(String field, long by) {
        seed.held("ann", "A", 1);
        pass(10_000);

        change(field, by);

        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(HOLD_MS - 10_000 - 1);
        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(1);
        assertThat(seed.count("A").held()).isZero();
        assertThat(room.look().hget(seed.keys().sale(), "clock_mended")).contains(field);
        assertThat(lagMs()).isZero();
    }

    @Test
    void aDoubtThatSomebodyWritesIsNotBelieved() {
        seed.held("ann", "A", 1);
        room.look().hset(seed.keys().sale(), "doubt", "told " + redisMs + " -" + HOUR);

        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(HOLD_MS);
        assertThat(seed.count("A").held()).isZero();
    }

    @Test
    void anOffsetThatSomebodyChangesStopsTheSaleBeforeAHoldEnds() {
        seed.held("ann", "A", 1);

        change("offset_ms", 100_000_000);

        assertThat(room.failureOf(() -> room.step.stock(seed.lane))).isInstanceOf(StaleLane.class);
        change("offset_ms", -100_000_000);
        assertThat(seed.count("A").held()).isEqualTo(1);
    }

    /** Adds to the number with which the field begins, and leaves what follows it. */
    private void change(String field, long by) {
        String there = Objects.requireNonNullElse(room.look().hget(seed.keys().sale(), field), "0");
        String number = there.replaceFirst(":.*", "");
        room.look().hset(seed.keys().sale(), field, Long.parseLong(number) + by + there.substring(number.length()));
    }

    @Test
    void aCallThatWaitedForLongInRedisDoesNotSpoilTheLanesTime() {
        seed.held("ann", "A", 1);
        String late = node.clock.evidence();
        pass(30_000);

        Object counted = room.look()
                .eval(
                        SCRIPTS.text(Script.EXPIRE),
                        ScriptOutputType.MULTI,
                        seed.keys().inOrder(),
                        seed.lane.epoch() + "-0" + late,
                        "100");
        assertThat(counted.toString()).contains("SWEPT");
        pass(30_000);

        assertThat(seed.count("A").held()).isZero();
        assertThat(lagMs()).isZero();
    }

    @Test
    void aNodeThatKnowsNothingLetsTimeStandStillAndOneThatWatchedGivesItBack() {
        seed.held("ann", "A", 1);
        pass(10_000);
        try (RedisRoom other = new Node().started().room()) {
            assertThat(held(other)).isEqualTo(1);
            assertThat(lagMs(other)).isEqualTo(10_000);
        }

        pass(HOLD_MS - 10_000);

        assertThat(seed.count("A").held()).isZero();
        assertThat(lagMs()).isZero();
    }

    @Test
    void aNodeThatStartsAfterTheStepKnowsItFromPostgresql() {
        seed.held("ann", "A", 1);
        ClockReading kept = node.clock.reading();
        pass(20_000);
        moveRedisClock(HOUR);

        assertThat(node.read()).isEqualTo(HOUR);
        Node next = new Node().started();
        assertThat(next.clock.takeOver(kept, Duration.ofSeconds(20))).isEqualTo(HOUR);
        try (RedisRoom other = next.room()) {
            assertThat(held(other)).isEqualTo(1);
            pass(HOLD_MS - 20_000 - 1);
            next.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(HOLD_MS - 20_000 - 1));
            assertThat(held(other)).isEqualTo(1);
            pass(1);
            next.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
            assertThat(held(other)).isZero();
        }
    }

    @Test
    void whereAllNodesAreStartedAnewIdleTimeCounts() {
        seed.held("ann", "A", 1);
        ClockReading kept = node.clock.reading();
        pass(HOLD_MS);

        Node next = new Node().started();
        assertThat(next.clock.takeOver(kept, Duration.ofMillis(HOLD_MS))).isZero();

        try (RedisRoom other = next.room()) {
            assertThat(held(other)).isZero();
            assertThat(lagMs(other)).isZero();
        }
    }

    @Test
    void aNodeWhoseOwnClockStoodStillIsSetRightByAnother() {
        seed.held("ann", "A", 1);
        Node suspended = new Node().started();
        pass(20_000);
        assertThat(suspended.read()).isEqualTo(20_000);

        try (RedisRoom other = suspended.room()) {
            assertThat(held(other)).isEqualTo(1);
            assertThat(lagMs(other)).isEqualTo(20_000);
        }
        pass(HOLD_MS - 20_000);

        assertThat(seed.count("A").held()).isZero();
        assertThat(lagMs()).isZero();
    }

    @Test
    void aPromotedReplicaWhoseClockIsThreeSecondsAheadEndsNoHoldEarly() {
        seed.held("ann", "A", 1);
        pass(HOLD_MS - 2_000);

        moveRedisClock(3_000);
        assertThat(seed.count("A").held()).isEqualTo(1);
        node.read();
        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(2_000);

        assertThat(seed.count("A").held()).isZero();
    }

    @Test
    void theStepIsTakenOverWhenTheLastHoldFromBeforeItIsOver() {
        seed.held("ann", "A", 1);
        moveRedisClock(HOUR);
        node.read();
        sweep();
        assertThat(lagMs()).isEqualTo(HOUR);

        pass(HOLD_MS);
        sweep();
        assertThat(lagMs()).isEqualTo(HOUR);
        pass(Duration.ofMillis(seed.sale.maxHoldMs()).toMillis());
        sweep();

        assertThat(lagMs()).isZero();
    }

    @Test
    void manySmallStepsForwardDoNotEndAHoldEarly() {
        Reservation hold = seed.held("ann", "A", 1);
        for (int i = 0; i < 8; i++) {
            moveRedisClock(1_000);
            pass(500);
            assertThat(seed.count("A").held()).isEqualTo(1);
            giveBackSlip();
        }

        pass(HOLD_MS - 8 * 500 - 50);
        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(100);

        assertThat(seed.count("A").held()).isZero();
        assertThat(seed.confirm(hold)).isInstanceOf(ChangeOutcome.Ended.class);
    }

    @Test
    void manySmallStepsBackDoNotLetAHoldLiveOn() {
        seed.held("ann", "A", 1);
        for (int i = 0; i < 8; i++) {
            moveRedisClock(-900);
            pass(3_000);
            assertThat(seed.count("A").held()).isEqualTo(1);
            giveBackSlip();
        }

        pass(HOLD_MS - 8 * 3_000 - 50);
        assertThat(seed.count("A").held()).isEqualTo(1);
        pass(100);

        assertThat(seed.count("A").held()).isZero();
    }

    @Test
    void aSlipIsGivenBackOnceWhateverBecomesOfTheAnswer() {
        seed.held("ann", "A", 1);

        seed.call(Script.EXPIRE, "100", "", "", "token 700");
        seed.call(Script.EXPIRE, "100", "", "", "token 700");

        assertThat(lagMs()).isEqualTo(700);
    }

    @Test
    void sweepsGiveASlipBackToEachLaneOnce() {
        HoldExpirerTest.Known known = new HoldExpirerTest.Known().add(seed, LaneState.OPEN);
        HoldExpirer expirer = new HoldExpirer(
                room.calls,
                known,
                Future::succeededFuture,
                ExpirerSettings.every(Duration.ofMillis(20), ExpirerSettings.LEAST_RETENTION),
                lane -> true);
        room.await(expirer::sweep);
        moveRedisClock(700);
        assertThat(node.read()).isZero();

        room.await(expirer::sweep);
        room.await(expirer::sweep);

        assertThat(lagMs()).isEqualTo(node.clock.slippedMs()).isBetween(690L, 700L);
    }

    /** As {@link HoldExpirer} does it. */
    private void giveBackSlip() {
        long now = node.clock.slippedMs();
        String slip = "t" + Math.abs(now) + ' ' + (now - givenBackMs);
        if (now != givenBackMs) {
            assertThat(seed.call(Script.EXPIRE, "100", "", "", slip).word()).isEqualTo("SWEPT");
            givenBackMs = now;
        }
    }

    @Test
    void aStepBackIsNotTakenOverWhileHoldsThatAreOverWaitForTheirSweep() {
        seed.stock("B", 250);
        for (int i = 0; i < 250; i++) {
            seed.held("buyer-" + i, "B", 1);
        }
        moveRedisClock(-HOUR);
        node.read();
        sweep();
        assertThat(lagMs()).isEqualTo(-HOUR);

        pass(HOLD_MS + seed.sale.maxHoldMs());
        sweep();
        assertThat(lagMs()).isEqualTo(-HOUR);
        sweep();
        sweep();

        assertThat(room.look().hget(seed.keys().stock(), "B|held")).isEqualTo("0");
        assertThat(lagMs()).isZero();
    }

    private void sweep() {
        assertThat(seed.call(Script.EXPIRE, "100").word()).isEqualTo("SWEPT");
    }

    private long held(RedisRoom other) {
        return other.await(() -> other.step.count(seed.lane, new Sku("A")))
                .orElseThrow()
                .held();
    }

    private long lagMs() {
        return lagMs(room);
    }

    private long lagMs(RedisRoom other) {
        return other.await(() -> other.step.standing(seed.lane)).lagMs();
    }

    /** So much time passes, and the node reads Redis's clock. */
    private void pass(long ms) {
        redisMs += ms;
        setRedisClock();
        node.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
        assertThat(node.read()).isZero();
    }

    /** No time passes. */
    private void moveRedisClock(long ms) {
        redisMs += ms;
        setRedisClock();
    }

    private void setRedisClock() {
        room.look()
                .hset("lane-time-test", Map.of("seconds", "" + redisMs / 1000, "micros", "" + redisMs % 1000 * 1000));
    }

    private static Scripts onTheTestClock() {
        Map<Script, String> texts = new EnumMap<>(Script.class);
        for (Script script : Script.values()) {
            texts.put(script, Scripts.bundled().text(script).replace(CLOCK, TEST_CLOCK));
        }
        return Scripts.bundled().with(texts);
    }

    /** What one node knows, by a monotonic clock that moves when the test says so. */
    private final class Node {

        private final AtomicLong nanos = new AtomicLong(TimeUnit.DAYS.toNanos(1));
        private final RedisClock clock = new RedisClock(nanos::get);

        Node started() {
            assertThat(read()).isZero();
            return this;
        }

        @CanIgnoreReturnValue
        long read() {
            return clock.read(redisMs, clock.nanos(), clock.nanos());
        }

        RedisRoom room() {
            assertThat(clock.read(redisMs, clock.nanos(), clock.nanos())).isZero();
            return RedisRoom.of(TestServers.redisUri(), SCRIPTS, new Witnesses(clock));
        }
    }
}
