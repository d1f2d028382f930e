package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.ListedSale.LaneState;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.SaleDirectory;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HoldExpirerTest {

    private static RedisRoom room;

    private final Known known = new Known();
    private final HoldExpirer expirer = new HoldExpirer(
            room.calls,
            known,
            Future::succeededFuture,
            ExpirerSettings.every(Duration.ofMillis(20), ExpirerSettings.LEAST_RETENTION),
            lane -> true);

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void aSweepTakesBackAllThatIsDueInAllOpenLanes() {
        RedisSeed one = saleWithDueHolds(130);
        RedisSeed two = saleWithDueHolds(2);
        RedisSeed frozen = saleWithDueHolds(1);
        known.add(one, LaneState.OPEN).add(two, LaneState.OPEN).add(frozen, LaneState.FROZEN);

        int expired = room.await(expirer::sweep);
        int rest = room.await(expirer::sweep);

        assertThat(expired).isEqualTo(132);
        assertThat(rest).isZero();
        assertThat(one.units("A")).containsExactly(200L, 0L, 0L);
        assertThat(frozen.units("A")).containsExactly(199L, 1L, 0L);
        StockAssert.assertConsistent(one);
    }

    @Test
    void aLaneThatFailsDoesNotStopTheOthers() {
        RedisSeed lost = saleWithDueHolds(1);
        RedisSeed whole = saleWithDueHolds(1);
        room.look().del(lost.keys().inOrder());
        known.add(lost, LaneState.OPEN).add(whole, LaneState.OPEN);

        int expired = room.await(expirer::sweep);

        assertThat(expired).isEqualTo(1);
        assertThat(whole.units("A")).containsExactly(200L, 0L, 0L);
    }

    @Test
    void aLaneThatIsNotTrustedIsNotWrittenTo() {
        RedisSeed seed = saleWithDueHolds(1);
        known.add(seed, LaneState.OPEN);
        int entries = seed.ledger().size();
        HoldExpirer wary = new HoldExpirer(
                room.calls,
                known,
                lane -> Future.failedFuture(new StaleLane(lane, "lost")),
                ExpirerSettings.every(Duration.ofMillis(20), ExpirerSettings.LEAST_RETENTION),
                lane -> true);

        int expired = room.await(wary::sweep);

        assertThat(expired).isZero();
        assertThat(seed.ledger()).hasSize(entries);
    }

    @Test
    void whereASweepsCallsDoNotSufficeEveryLaneStillGetsItsTurn() {
        RedisSeed busy = saleWithDueHolds(150);
        RedisSeed calm = saleWithDueHolds(1);
        known.add(busy, LaneState.OPEN).add(calm, LaneState.OPEN);
        HoldExpirer slow = new HoldExpirer(room.calls, known, Future::succeededFuture, settings(2), lane -> true);

        int first = room.await(slow::sweep);
        int second = room.await(slow::sweep);

        assertThat(first).isEqualTo(101);
        assertThat(second).isEqualTo(50);
    }

    @Test
    void whereThereAreMoreLanesThanCallsASweepGoesOnWhereTheLastEnded() {
        for (int i = 0; i < 7; i++) {
            known.add(saleWithDueHolds(1), LaneState.OPEN);
        }
        HoldExpirer slow = new HoldExpirer(room.calls, known, Future::succeededFuture, settings(3), lane -> true);

        int first = room.await(slow::sweep);
        int second = room.await(slow::sweep);
        int third = room.await(slow::sweep);

        assertThat(List.of(first, second, third)).containsExactly(3, 3, 1);
    }

    @Test
    void aKeyStandsForItsReservationAsLongAsItIsKeptAndIsFreeAfterwards() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        known.add(seed, LaneState.OPEN);
        HoldExpirer keepsTwoDays = new HoldExpirer(
                room.calls,
                known,
                Future::succeededFuture,
                ExpirerSettings.every(Duration.ofMillis(20), Duration.ofDays(2)),
                lane -> true);
        room.await(keepsTwoDays::sweep);
        ReservationId id = seed.newId();
        Reservation first = ((HoldOutcome.Held) seed.hold(id, "ann", RedisSeed.cart("A", 1), null)).reservation();
        seed.confirm(first);
        long last = seed.ledger().getLast().seq();
        room.await(() -> room.stream.trim(seed.lane, recorded(last)));

        seed.advance(Duration.ofHours(47));
        keepsTwoDays.dueIn(seed.lane, 0);
        room.await(keepsTwoDays::sweep);
        HoldOutcome kept = seed.hold(id, "ann", RedisSeed.cart("A", 1), null);
        seed.advance(Duration.ofHours(1));
        keepsTwoDays.dueIn(seed.lane, 0);
        room.await(keepsTwoDays::sweep);
        HoldOutcome free = seed.hold(id, "ann", RedisSeed.cart("A", 1), null);

        assertThat(kept)
                .isInstanceOfSatisfying(
                        HoldOutcome.Replayed.class,
                        replayed -> assertThat(replayed.reservation().id()).isEqualTo(first.id()));
        assertThat(free).isInstanceOf(HoldOutcome.Held.class);
        assertThat(seed.units("A")).containsExactly(7L, 1L, 1L);
    }

    @Test
    void aLaneIsCalledOnlyWhenItsFirstDeadlineIsOverOrNobodyToldForALongTime() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.held("ann", "A", 1);
        known.add(seed, LaneState.OPEN);
        Watched watched = new Watched(lane -> true);
        watched.sweep();

        int atOnce = watched.sweep();
        watched.pass(Duration.ofMillis(4_900));
        int beforeTheSafetyLook = watched.sweep();
        watched.pass(Duration.ofMillis(200));
        int atTheSafetyLook = watched.sweep();

        assertThat(List.of(atOnce, beforeTheSafetyLook, atTheSafetyLook)).containsExactly(0, 0, 1);
    }

    @Test
    void aDeadlineThatIsToldIsKept() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        known.add(seed, LaneState.OPEN);
        Watched watched = new Watched(lane -> true);
        watched.sweep();
        seed.held("ann", "A", 1);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        watched.expirer.dueIn(seed.lane, 1_000);
        int tooEarly = watched.sweep();
        watched.pass(Duration.ofSeconds(1));
        int inTime = watched.sweep();

        assertThat(tooEarly).isZero();
        assertThat(inTime).isEqualTo(1);
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
    }

    @Test
    void aDeadlineThatACallTellsIsKept() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.hold(seed.newId(), "ann", RedisSeed.cart("A", 1), 2);
        known.add(seed, LaneState.OPEN);
        Watched watched = new Watched(lane -> true);
        watched.sweep();

        watched.pass(Duration.ofSeconds(1));
        int tooEarly = watched.sweep();
        watched.pass(Duration.ofMillis(1_001));
        int inTime = watched.sweep();

        assertThat(tooEarly).isZero();
        assertThat(inTime).isEqualTo(1);
    }

    @Test
    void whatOthersLookAfterIsLeftToThemAndCalledAtOnceWhenItIsOurs() {
        RedisSeed seed = saleWithDueHolds(1);
        known.add(seed, LaneState.OPEN);
        Set<Lane> ours = new HashSet<>();
        Watched watched = new Watched(ours::contains);

        int others = watched.sweep();
        ours.add(seed.lane);
        int our = watched.sweep();

        assertThat(others).isZero();
        assertThat(our).isEqualTo(1);
        assertThat(seed.units("A")).containsExactly(200L, 0L, 0L);
    }

    @Test
    void startedItSweepsByItself() {
        RedisSeed seed = saleWithDueHolds(1);
        known.add(seed, LaneState.OPEN);

        expirer.start();
        Awaitility.await().until(() -> seed.units("A").get(0) == 200);
        expirer.stop();

        StockAssert.assertConsistent(seed);
    }

    private static ExpirerSettings settings(int callsPerSweep) {
        return new ExpirerSettings(
                Duration.ofMillis(20), callsPerSweep, Duration.ofSeconds(5), ExpirerSettings.LEAST_RETENTION);
    }

    private static RedisSeed saleWithDueHolds(int holds) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 200);
        for (int i = 0; i < holds; i++) {
            seed.held("buyer-" + i, "A", 1);
        }
        return seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
    }

    /** An expirer whose time passes as the test says. */
    private final class Watched {

        private final AtomicLong nanos = new AtomicLong();
        private final AtomicInteger calls = new AtomicInteger();
        private final HoldExpirer expirer;

        Watched(Predicate<Lane> ours) {
            expirer = new HoldExpirer(
                    room.calls,
                    known,
                    lane -> {
                        calls.incrementAndGet();
                        return Future.succeededFuture(lane);
                    },
                    settings(100),
                    ours,
                    nanos::get);
        }

        void pass(Duration time) {
            nanos.addAndGet(time.toNanos());
        }

        /** How many lanes were called. */
        @CanIgnoreReturnValue
        int sweep() {
            int before = calls.get();
            room.await(expirer::sweep);
            return calls.get() - before;
        }
    }

    /** What this node knows of PostgreSQL. */
    static final class Known implements SaleDirectory {

        private final List<ListedSale> sales = new ArrayList<>();

        @CanIgnoreReturnValue
        Known add(RedisSeed seed, LaneState state) {
            sales.add(new ListedSale(seed.sale, seed.lane, state));
            return this;
        }

        @Override
        public Future<Optional<ListedSale>> find(SaleId saleId) {
            return Future.succeededFuture(
                    sales.stream().filter(s -> s.sale().id().equals(saleId)).findAny());
        }

        @Override
        public Future<Optional<ListedSale>> refresh(SaleId saleId) {
            return find(saleId);
        }

        @Override
        public Collection<ListedSale> known() {
            return sales;
        }
    }
}
