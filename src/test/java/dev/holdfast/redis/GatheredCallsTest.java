package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.support.TestServers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GatheredCallsTest {

    private static RedisRoom room;

    /** Its own, because the calls that it gets are counted. */
    @BeforeAll
    static void open() {
        room = RedisRoom.at(TestServers.ownRedis().uri());
    }

    @AfterAll
    static void close() {
        room.close();
    }

    @Test
    void whatComesInOneTurnIsOneCallForEveryFiftyAndEachGetsItsAnswer() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 100);
        seed.held("warm-up", "A", 1);
        room.look().configResetstat();

        List<HoldOutcome> outcomes =
                inOneTurn(120, i -> seed.tryHold(seed.newId(), "c" + i, RedisSeed.cart("A", 1), null));

        assertThat(room.look().info("commandstats")).contains("cmdstat_evalsha:calls=3,");
        assertThat(outcomes.subList(0, 99)).hasOnlyElementsOfType(HoldOutcome.Held.class);
        assertThat(outcomes.subList(99, 120)).hasOnlyElementsOfType(HoldOutcome.Refused.class);
        assertThat(outcomes.subList(0, 99))
                .extracting(outcome ->
                        ((HoldOutcome.Held) outcome).reservation().customerId().value())
                .containsExactlyElementsOf(
                        IntStream.range(0, 99).mapToObj(i -> "c" + i).toList());
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aRefusedCartLeavesItsUnitsToThoseAfterIt() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 3);
        int[] quantities = {2, 2, 1, 1};

        List<HoldOutcome> outcomes =
                inOneTurn(4, i -> seed.tryHold(seed.newId(), "c" + i, RedisSeed.cart("A", quantities[i]), null));

        assertThat(outcomes.get(0)).isInstanceOf(HoldOutcome.Held.class);
        assertThat(shortage(outcomes.get(1)).available()).isEqualTo(1);
        assertThat(shortage(outcomes.get(1)).held()).isEqualTo(2);
        assertThat(outcomes.get(2)).isInstanceOf(HoldOutcome.Held.class);
        assertThat(shortage(outcomes.get(3)).available()).isEqualTo(0);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aRequestThatComesTwiceInOneTurnIsHeldOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        ReservationId id = seed.newId();

        List<HoldOutcome> outcomes = inOneTurn(3, i -> seed.tryHold(id, "ann", RedisSeed.cart("A", 1), null));

        assertThat(outcomes.get(0)).isInstanceOf(HoldOutcome.Held.class);
        assertThat(outcomes.get(1)).isInstanceOf(HoldOutcome.Replayed.class);
        assertThat(outcomes.get(2)).isEqualTo(outcomes.get(1));
        assertThat(seed.units("A")).containsExactly(4L, 1L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aRepetitionOfARefusedRequestIsDecidedOnItsOwn() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1);
        ReservationId id = seed.newId();

        List<HoldOutcome> outcomes = inOneTurn(2, i -> seed.tryHold(id, "ann", RedisSeed.cart("A", 2 - i), null));

        assertThat(outcomes.get(0)).isInstanceOf(HoldOutcome.Refused.class);
        assertThat(outcomes.get(1)).isInstanceOf(HoldOutcome.Held.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aBuyersLimitHoldsOverTheCartsOfOneTurn() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 50).limit(3);

        List<HoldOutcome> outcomes = inOneTurn(5, i -> seed.tryHold(seed.newId(), "ann", RedisSeed.cart("A", 1), null));

        assertThat(outcomes.subList(0, 3)).hasOnlyElementsOfType(HoldOutcome.Held.class);
        assertThat(outcomes.subList(3, 5))
                .allSatisfy(outcome -> assertThat(((HoldOutcome.Refused) outcome).refusal())
                        .isEqualTo(new Refusal.PurchaseLimit(3, 3, null)));
        StockAssert.assertConsistent(seed);
    }

    @Test
    void dueHoldsGiveTheirUnitsToTheCartsOfOneTurn() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 2);
        seed.held("ann", "A", 2);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        List<HoldOutcome> outcomes =
                inOneTurn(3, i -> seed.tryHold(seed.newId(), "c" + i, RedisSeed.cart("A", 1), null));

        assertThat(outcomes.subList(0, 2)).hasOnlyElementsOfType(HoldOutcome.Held.class);
        assertThat(shortage(outcomes.get(2)).held()).isEqualTo(2);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aDueHoldThatIsAskedForTwiceInOneTurnExpiresOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 2);
        ReservationId id = seed.newId();
        seed.hold(id, "ann", RedisSeed.cart("A", 2), null);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        List<HoldOutcome> outcomes = inOneTurn(2, i -> seed.tryHold(id, "ann", RedisSeed.cart("A", 2), null));

        assertThat(outcomes).hasOnlyElementsOfType(HoldOutcome.Replayed.class);
        assertThat(seed.units("A")).containsExactly(2L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void confirmationsOfOneTurnAreOneCallAndRepeatingOneSellsNothingMore() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 9);
        Reservation ann = seed.held("ann", "A", 2, "B", 1);
        Reservation bob = seed.held("bob", "A", 1);
        List<ReservationId> ids = List.of(ann.id(), bob.id(), ann.id(), seed.newId());
        seed.confirm(seed.held("warm-up", "B", 1));
        room.look().configResetstat();

        List<ChangeOutcome> outcomes = inOneTurn(4, i -> room.step.confirm(seed.lane, ids.get(i)));

        assertThat(room.look().info("commandstats")).contains("cmdstat_evalsha:calls=1,");
        assertThat(outcomes.subList(0, 3)).hasOnlyElementsOfType(ChangeOutcome.Done.class);
        assertThat(outcomes.get(3)).isInstanceOf(ChangeOutcome.NoSuchReservation.class);
        assertThat(seed.units("A")).containsExactly(6L, 0L, 3L);
        assertThat(seed.units("B")).containsExactly(7L, 0L, 2L);
        StockAssert.assertConsistent(seed);
    }

    private static <T> List<T> inOneTurn(int calls, IntFunction<Future<T>> call) {
        return room.await(() -> {
            List<Future<T>> made = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                made.add(call.apply(i));
            }
            return Future.all(made).map(all -> all.<T>list());
        });
    }

    private static Refusal.Shortage shortage(HoldOutcome outcome) {
        return ((Refusal.OutOfStock) ((HoldOutcome.Refused) outcome).refusal())
                .shortages()
                .getFirst();
    }
}
