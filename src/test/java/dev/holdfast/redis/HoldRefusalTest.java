package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.support.TestServers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What hold.lua does not do, and why. */
class HoldRefusalTest {

    private static RedisRoom room;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void allShortSkusAreListedAndNothingIsTaken() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5).stock("B", 1).stock("C", 0);
        seed.held("ann", "B", 1);

        HoldOutcome outcome = seed.hold("bob", "A", 1, "B", 1, "C", 2);

        Refusal.OutOfStock refusal = (Refusal.OutOfStock) ((HoldOutcome.Refused) outcome).refusal();
        assertThat(refusal.shortages())
                .containsExactly(
                        new Refusal.Shortage(new Sku("B"), 1, 0, 1), new Refusal.Shortage(new Sku("C"), 2, 0, 0));
        assertThat(refusal.shortages()).extracting(Refusal.Shortage::soldOut).containsExactly(false, true);
        assertThat(refusal.retryAfterMs())
                .as("not the 60 s of a hold that may end before")
                .isEqualTo(5_000);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whereNothingShortIsHeldThereIsNoTimeToWaitFor() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1).stock("B", 1);
        seed.confirm(seed.held("ann", "A", 1));
        seed.held("ann", "B", 1);

        HoldOutcome outcome = seed.hold("bob", "A", 1);

        Refusal.OutOfStock refusal = (Refusal.OutOfStock) ((HoldOutcome.Refused) outcome).refusal();
        assertThat(refusal.retryAfterMs()).isNull();
        assertThat(refusal.shortages().getFirst().soldOut()).isTrue();
    }

    @Test
    void otherSkusOfTheProductAreOfferedWhileTheyHaveStock() {
        RedisSeed seed = RedisSeed.openSale(room)
                .stock("DRESS-L", 12, 0, "DRESS")
                .stock("DRESS-M", 1, 0, "DRESS")
                .stock("DRESS-S", 0, 0, "DRESS")
                .stock("SHOE-38", 4, 0, "SHOE");

        HoldOutcome outcome = seed.hold("bob", "DRESS-M", 2);

        Refusal.OutOfStock refusal = (Refusal.OutOfStock) ((HoldOutcome.Refused) outcome).refusal();
        assertThat(refusal.alternatives()).containsExactly(new Refusal.Alternative(new Sku("DRESS-L"), 12));
    }

    @Test
    void atMostTwentyAlternativesAreOfferedOfTwoHundredThatAreLookedAtTogether() {
        try (RedisRoom own = RedisRoom.at(TestServers.ownRedis().uri())) {
            RedisSeed seed = RedisSeed.openSale(own).stock("DRESS-0", 0, 0, "DRESS");
            for (int i = 1; i <= 170; i++) {
                seed.stock("SOLD-" + i, 0, 0, "DRESS");
            }
            for (int i = 1; i <= 50; i++) {
                seed.stock("DRESS-" + i, i, 0, "DRESS");
            }
            own.look().configResetstat();

            HoldOutcome outcome = seed.hold("bob", "DRESS-0", 1);

            Refusal.OutOfStock refusal = (Refusal.OutOfStock) ((HoldOutcome.Refused) outcome).refusal();
            assertThat(refusal.alternatives())
                    .hasSize(20)
                    .startsWith(new Refusal.Alternative(new Sku("DRESS-1"), 1))
                    .endsWith(new Refusal.Alternative(new Sku("DRESS-20"), 20));
            assertThat(own.look().info("commandstats"))
                    .as("reads of one field, where one for all will do")
                    .doesNotContain("cmdstat_hget:");
        }
    }

    @Test
    void anUnknownSkuIsNamedAndNothingIsTaken() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);

        HoldOutcome outcome = seed.hold("bob", "A", 1, "X", 1, "Y", 1);

        assertThat(outcome)
                .isEqualTo(new HoldOutcome.Refused(new Refusal.UnknownSkus(List.of(new Sku("X"), new Sku("Y")))));
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theSalesLimitCountsHeldAndBoughtUnitsOfAllSkus() {
        RedisSeed seed = RedisSeed.openSale(room).limit(4).stock("A", 9).stock("B", 9);
        seed.confirm(seed.held("ann", "A", 2));
        seed.held("ann", "B", 1);

        HoldOutcome over = seed.hold("ann", "A", 1, "B", 1);
        HoldOutcome within = seed.hold("ann", "B", 1);

        assertThat(over).isEqualTo(new HoldOutcome.Refused(new Refusal.PurchaseLimit(4, 3, null)));
        assertThat(within).isInstanceOf(HoldOutcome.Held.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aSkusOwnLimitIsNamed() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9, 2, null).stock("B", 9);
        seed.held("ann", "A", 1, "B", 5);

        HoldOutcome outcome = seed.hold("ann", "A", 2);

        assertThat(outcome).isEqualTo(new HoldOutcome.Refused(new Refusal.PurchaseLimit(2, 1, new Sku("A"))));
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theWindowAndTheSwitchDecideWhetherTheSaleTakesNewUnits() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        long farAway = 4_000_000_000_000L;

        seed.window(farAway, 0);
        HoldOutcome early = seed.hold("ann", "A", 1);
        seed.window(0, 1);
        HoldOutcome late = seed.hold("ann", "A", 1);
        seed.window(0, 0).state(Sale.Switch.PAUSED);
        HoldOutcome paused = seed.hold("ann", "A", 1);
        seed.state(Sale.Switch.CLOSED);
        HoldOutcome closed = seed.hold("ann", "A", 1);
        seed.state(Sale.Switch.OPEN);
        HoldOutcome open = seed.hold("ann", "A", 1);

        Refusal.SaleNotOpen notOpen = (Refusal.SaleNotOpen) ((HoldOutcome.Refused) early).refusal();
        assertThat(notOpen.opensAtMs()).isEqualTo(farAway);
        assertThat(late).isEqualTo(new HoldOutcome.Refused(new Refusal.SaleClosed()));
        assertThat(paused).isEqualTo(new HoldOutcome.Refused(new Refusal.SalePaused()));
        assertThat(closed).isEqualTo(new HoldOutcome.Refused(new Refusal.SaleClosed()));
        assertThat(open).isInstanceOf(HoldOutcome.Held.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatJavaWouldNotSendIsABadArgument() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        String id = seed.newId().value();

        for (String quantity : List.of("0", "-1", "1.5", "0x10", "1e3", "nan", " 1", "", "200001")) {
            assertThat(room.failureOf(
                            () -> room.calls.call(Script.HOLD, seed.lane, id, "ann", "f", "0", "A " + quantity)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("line");
        }
        assertThat(room.failureOf(() -> room.calls.call(Script.HOLD, seed.lane, id, "ann", "f", "0", "A 1 A 1")))
                .hasMessageContaining("line");
        assertThat(room.failureOf(() -> room.calls.call(Script.HOLD, seed.lane, id, "ann", "f", "-5", "A 1")))
                .hasMessageContaining("hold_ms");
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anotherEpochAndNoLaneAtAllChangeNothing() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        ReservationId id = seed.newId();
        HoldRequest request = new HoldRequest(seed.sale.id(), new CustomerId("ann"), cart("A", 1), null, null);
        var older = new Lane(seed.sale.id(), 0, 6);
        var elsewhere = new Lane(seed.sale.id(), 1, 7);

        Throwable stale = room.failureOf(() -> room.step.hold(older, id, "f", request));
        Throwable none = room.failureOf(() -> room.step.hold(elsewhere, id, "f", request));

        assertThat(stale).isInstanceOf(StaleLane.class).hasMessageContaining("under another epoch");
        assertThat(none).isInstanceOf(StaleLane.class).hasMessageContaining("Redis does not have it");
        StockAssert.assertConsistent(seed);
    }
}
