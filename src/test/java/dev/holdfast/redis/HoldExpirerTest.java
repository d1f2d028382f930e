package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.HoldOutcome;
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
import java.util.List;
import java.util.Optional;
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
            ExpirerSettings.every(Duration.ofMillis(20), ExpirerSettings.LEAST_RETENTION));

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
                ExpirerSettings.every(Duration.ofMillis(20), ExpirerSettings.LEAST_RETENTION));

        int expired = room.await(wary::sweep);

        assertThat(expired).isZero();
        assertThat(seed.ledger()).hasSize(entries);
    }

    @Test
    void whereASweepsCallsDoNotSufficeEveryLaneStillGetsItsTurn() {
        RedisSeed busy = saleWithDueHolds(150);
        RedisSeed calm = saleWithDueHolds(1);
        known.add(busy, LaneState.OPEN).add(calm, LaneState.OPEN);
        HoldExpirer slow = new HoldExpirer(
                room.calls,
                known,
                Future::succeededFuture,
                new ExpirerSettings(
                        Duration.ofMillis(20),
                        2,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        ExpirerSettings.LEAST_RETENTION));

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
        HoldExpirer slow = new HoldExpirer(
                room.calls,
                known,
                Future::succeededFuture,
                new ExpirerSettings(
                        Duration.ofMillis(20),
                        3,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        ExpirerSettings.LEAST_RETENTION));

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
                ExpirerSettings.every(Duration.ofMillis(20), Duration.ofDays(2)));
        room.await(keepsTwoDays::sweep);
        ReservationId id = seed.newId();
        Reservation first = ((HoldOutcome.Held) seed.hold(id, "ann", RedisSeed.cart("A", 1), null)).reservation();
        seed.confirm(first);
        long last = seed.ledger().getLast().seq();
        room.await(() -> room.stream.trim(seed.lane, recorded(last)));

        seed.advance(Duration.ofHours(47));
        room.await(keepsTwoDays::sweep);
        HoldOutcome kept = seed.hold(id, "ann", RedisSeed.cart("A", 1), null);
        seed.advance(Duration.ofHours(1));
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
    void startedItSweepsByItself() {
        RedisSeed seed = saleWithDueHolds(1);
        known.add(seed, LaneState.OPEN);

        expirer.start();
        Awaitility.await().until(() -> seed.units("A").get(0) == 200);
        expirer.stop();

        StockAssert.assertConsistent(seed);
    }

    private static RedisSeed saleWithDueHolds(int holds) {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 200);
        for (int i = 0; i < holds; i++) {
            seed.held("buyer-" + i, "A", 1);
        }
        return seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
    }

    /** What this node knows of PostgreSQL. */
    private static final class Known implements SaleDirectory {

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
