package dev.holdfast.redis;

import static dev.holdfast.redis.ScriptCallsTest.assertReason;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Unavailable.Reason;
import dev.holdfast.support.TestServers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a Redis without memory still takes of carts that are held: all that asks for no more than it has. */
class FullRedisTest {

    private RedisRoom room;
    private RedisSeed seed;
    private Reservation held;

    @BeforeEach
    void fill() {
        room = RedisRoom.at(TestServers.ownRedis().uri());
        seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 9);
        held = seed.held("ann", "A", 3);
        room.look().configSet("maxmemory", "1");
    }

    @AfterEach
    void end() {
        StockAssert.assertConsistent(seed);
        room.close();
    }

    @Test
    void aHoldIsExtended() {
        ChangeOutcome extended = seed.extend(held, 200);

        assertThat(done(extended).expiresAtMs()).isGreaterThan(held.expiresAtMs());
    }

    @Test
    void aCartGetsFewerUnits() {
        ChangeOutcome replaced = seed.replace(held, "A", 1);

        assertThat(done(replaced).cart()).isEqualTo(RedisSeed.cart("A", 1));
        assertThat(seed.units("A")).containsExactly(8L, 1L, 0L);
    }

    @Test
    void aCartGetsAsManyUnitsOfAnotherSku() {
        ChangeOutcome replaced = seed.replace(held, "B", 3);

        assertThat(done(replaced).cart()).isEqualTo(RedisSeed.cart("B", 3));
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
        assertThat(seed.units("B")).containsExactly(6L, 3L, 0L);
    }

    @Test
    void aCartDoesNotGetMoreUnits() {
        Throwable refused = failureOfReplacing("A", 4);

        assertReason(refused, Reason.OVERLOADED);
        assertThat(seed.units("A")).containsExactly(6L, 3L, 0L);
    }

    @Test
    void aCartDoesNotGetMoreLines() {
        Throwable refused = failureOfReplacing("A", 1, "B", 1);

        assertReason(refused, Reason.OVERLOADED);
        assertThat(seed.units("A")).containsExactly(6L, 3L, 0L);
        assertThat(seed.units("B")).containsExactly(9L, 0L, 0L);
    }

    @Test
    void whatElseRefusesACartRefusesItHereToo() {
        seed.state(Sale.Switch.PAUSED);

        ChangeOutcome swapped = seed.replace(held, "B", 3);
        ChangeOutcome smaller = seed.replace(held, "A", 2);

        assertThat(swapped).isEqualTo(new ChangeOutcome.Refused(new Refusal.SalePaused()));
        assertThat(done(smaller).cart()).isEqualTo(RedisSeed.cart("A", 2));
    }

    private Throwable failureOfReplacing(Object... skusAndQuantities) {
        return room.failureOf(() -> room.step.replace(seed.lane, held.id(), RedisSeed.cart(skusAndQuantities), null));
    }

    private static Reservation done(ChangeOutcome outcome) {
        assertThat(outcome).isInstanceOf(ChangeOutcome.Done.class);
        return ((ChangeOutcome.Done) outcome).reservation();
    }
}
