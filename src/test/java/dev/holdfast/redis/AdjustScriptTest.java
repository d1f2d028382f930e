package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.AdjustmentDecision.Applied;
import dev.holdfast.reservation.AdjustmentDecision.BelowUse;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.Sku;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdjustScriptTest {

    private static final Sku A = new Sku("A");

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
    void moreCapacityIsAvailableAtOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 2);
        seed.held("ann", "A", 2);

        AdjustmentDecision decision = adjust(seed, new Adjustment(1, "one", A, 2, 2, 5, false));

        assertThat(decision).isEqualTo(new Applied(0));
        assertThat(seed.units("A")).containsExactly(3L, 2L, 0L);
        assertThat(seed.ledger().getLast()).isInstanceOfSatisfying(LedgerEntry.Adjusted.class, entry -> {
            assertThat(entry.id()).isEqualTo("one");
            assertThat(entry.units()).isEqualTo(3);
            assertThat(entry.version()).isEqualTo(2);
        });
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anAdjustmentThatComesAgainActsOnceAndIsAnsweredAsBefore() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 2);
        Adjustment adjustment = new Adjustment(1, "one", A, 2, 2, 5, false);

        AdjustmentDecision first = adjust(seed, adjustment);
        AdjustmentDecision again = adjust(seed, adjustment);

        assertThat(again).isEqualTo(first);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
    }

    @Test
    void lessThanIsHeldAndSoldIsRefusedWithTheNumbers() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 10);
        seed.held("ann", "A", 4);
        seed.confirm(seed.held("bob", "A", 3));

        AdjustmentDecision decision = adjust(seed, new Adjustment(1, "one", A, 2, 10, 6, false));

        assertThat(decision).isEqualTo(new BelowUse(4, 3));
        assertThat(seed.units("A")).containsExactly(3L, 4L, 3L);
    }

    @Test
    void aRefusalIsFinalForThisAdjustmentButNotForTheNext() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 10);
        Reservation hold = seed.held("ann", "A", 10);
        Adjustment refused = new Adjustment(1, "one", A, 2, 10, 6, false);
        adjust(seed, refused);
        seed.release(hold);

        AdjustmentDecision late = adjust(seed, refused);
        AdjustmentDecision next = adjust(seed, new Adjustment(2, "two", A, 2, 10, 6, false));

        assertThat(late).isEqualTo(new BelowUse(10, 0));
        assertThat(next).isEqualTo(new Applied(0));
        assertThat(adjust(seed, refused)).isEqualTo(new AdjustmentDecision.DecidedBefore());
        assertThat(seed.units("A")).containsExactly(6L, 0L, 0L);
    }

    @Test
    void onlyTheNextVersionIsTaken() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 10);

        AdjustmentDecision tooFar = adjust(seed, new Adjustment(1, "one", A, 3, 10, 6, false));

        assertThat(tooFar).isEqualTo(new AdjustmentDecision.NotTheNext(1));
        assertThat(seed.units("A")).containsExactly(10L, 0L, 0L);
    }

    @Test
    void holdsThatAreDueDoNotStandInTheWay() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 150);
        for (int i = 0; i < 150; i++) {
            seed.held("customer-" + i, "A", 1);
        }
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        AdjustmentDecision decision = adjust(seed, new Adjustment(1, "one", A, 2, 150, 10, false));

        assertThat(decision).isEqualTo(new Applied(0));
        assertThat(seed.units("A").getFirst() + seed.units("A").get(1)).isEqualTo(10);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void capacityThatIsHeldGoesAsHoldsEndAndNobodyGetsItsUnits() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 10);
        Reservation released = seed.held("ann", "A", 3);
        Reservation confirmed = seed.held("bob", "A", 4);
        seed.held("cyd", "A", 2);

        AdjustmentDecision decision = adjust(seed, new Adjustment(1, "one", A, 2, 10, 5, true));
        seed.release(released);
        HoldOutcome refused = seed.hold("dan", "A", 1);
        seed.confirm(confirmed);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        seed.call(Script.EXPIRE, "100");

        assertThat(decision).isEqualTo(new Applied(4));
        assertThat(refused).isInstanceOf(HoldOutcome.Refused.class);
        assertThat(seed.units("A")).containsExactly(1L, 0L, 4L);
        assertThat(room.look().hget(seed.keys().stock(), "A|pending")).isEqualTo("0");
        assertThat(room.look().hget(seed.keys().sale(), "pending")).isNull();
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aCartThatShrinksGivesItsUnitsToWhatIsToGo() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation hold = seed.held("ann", "A", 5);
        adjust(seed, new Adjustment(1, "one", A, 2, 5, 3, true));

        seed.replace(hold, "A", 4);

        assertThat(seed.units("A")).containsExactly(0L, 4L, 0L);
        assertThat(room.look().hget(seed.keys().stock(), "A|pending")).isEqualTo("1");
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatIsSoldStaysSold() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        seed.confirm(seed.held("ann", "A", 3));

        AdjustmentDecision decision = adjust(seed, new Adjustment(1, "one", A, 2, 5, 2, true));

        assertThat(decision).isEqualTo(new BelowUse(0, 3));
        assertThat(seed.units("A")).containsExactly(2L, 0L, 3L);
    }

    @Test
    void aRestockPaysWhatIsToGoFirst() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        seed.held("ann", "A", 5);
        adjust(seed, new Adjustment(1, "one", A, 2, 5, 1, true));

        AdjustmentDecision some = adjust(seed, new Adjustment(2, "two", A, 3, 1, 3, true));
        AdjustmentDecision all = adjust(seed, new Adjustment(3, "three", A, 4, 3, 8, false));

        assertThat(some).isEqualTo(new Applied(2));
        assertThat(all).isEqualTo(new Applied(0));
        assertThat(seed.units("A")).containsExactly(3L, 5L, 0L);
        assertThat(room.look().hget(seed.keys().sale(), "pending")).isNull();
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anUnknownSkuIsToldAsSuch() {
        RedisSeed seed = RedisSeed.openSale(room);

        assertThat(adjust(seed, new Adjustment(1, "one", A, 2, 0, 5, false)))
                .isEqualTo(new AdjustmentDecision.NoSuchSku());
    }

    @Test
    void whatIsNoAdjustmentIsABadArgument() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);

        assertThat(room.failureOf(
                        () -> room.setup.adjust(seed.lane, new Adjustment(1, "x", A, 2, 5, 1_000_000_001, false))))
                .hasMessageContaining("capacity");
        assertThat(room.failureOf(() -> room.setup.adjust(seed.lane, new Adjustment(0, "x", A, 2, 5, 1, false))))
                .hasMessageContaining("adjustment_no");
        assertThat(room.failureOf(() -> room.setup.adjust(seed.lane, new Adjustment(1, "x", A, 1, 5, 1, false))))
                .hasMessageContaining("version");
        assertThat(room.failureOf(() -> room.calls.call(Script.ADJUST, seed.lane, "A", "1", "x", "2", "1", "yes")))
                .hasMessageContaining("allow_below_held");
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
    }

    @CanIgnoreReturnValue
    private static AdjustmentDecision adjust(RedisSeed seed, Adjustment adjustment) {
        return room.await(() -> room.setup.adjust(seed.lane, adjustment));
    }
}
