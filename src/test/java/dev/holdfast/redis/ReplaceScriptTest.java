package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Refusal;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sale;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ReplaceScriptTest {

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
    void oneSkuGrowsAnotherShrinksOneGoesAndOneComes() {
        RedisSeed seed = RedisSeed.openSale(room)
                .stock("A", 9)
                .stock("B", 9)
                .stock("C", 9)
                .stock("D", 9);
        Reservation reservation = seed.held("ann", "A", 1, "B", 3, "C", 2);
        seed.held("ann", "A", 1);

        ChangeOutcome outcome = seed.replace(reservation, "A", 4, "B", 1, "D", 5);

        Reservation replaced = ((ChangeOutcome.Done) outcome).reservation();
        assertThat(replaced.cart()).isEqualTo(cart("A", 4, "B", 1, "D", 5));
        assertThat(replaced.expiresAtMs()).isEqualTo(reservation.expiresAtMs());
        assertThat(seed.units("A")).containsExactly(4L, 5L, 0L);
        assertThat(seed.units("B")).containsExactly(8L, 1L, 0L);
        assertThat(seed.units("C")).containsExactly(9L, 0L, 0L);
        assertThat(seed.units("D")).containsExactly(4L, 5L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theLedgerTellsTheLinesBeforeAndAfter() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 9);
        Reservation reservation = seed.held("ann", "A", 1);

        seed.replace(reservation, "B", 2);

        LedgerEntry.Transition entry = (LedgerEntry.Transition) seed.ledger().getLast();
        assertThat(entry.kind()).isEqualTo(LedgerEntry.Kind.REPLACED);
        assertThat(entry.cart()).isEqualTo(cart("B", 2));
        assertThat(entry.previous()).isEqualTo(cart("A", 1));
        assertThat(entry.revision()).isEqualTo(2);
    }

    @Test
    void theCartsOwnUnitsCountAsFree() {
        RedisSeed seed = RedisSeed.openSale(room).limit(3).stock("A", 3, 3, null);
        Reservation reservation = seed.held("ann", "A", 2);

        ChangeOutcome outcome = seed.replace(reservation, "A", 3);

        assertThat(outcome).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(seed.units("A")).containsExactly(0L, 3L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aRefusalLeavesTheCartAsItWas() {
        RedisSeed seed = RedisSeed.openSale(room).limit(5).stock("A", 3).stock("B", 9, 1, null);
        Reservation reservation = seed.held("ann", "A", 2);
        seed.held("bob", "A", 1);

        ChangeOutcome tooMany = seed.replace(reservation, "A", 3);
        ChangeOutcome overTheSkusLimit = seed.replace(reservation, "A", 1, "B", 2);
        ChangeOutcome overTheSalesLimit = seed.replace(reservation, "A", 2, "B", 4);
        ChangeOutcome unknown = seed.replace(reservation, "X", 1);

        Refusal.OutOfStock outOfStock = (Refusal.OutOfStock) ((ChangeOutcome.Refused) tooMany).refusal();
        assertThat(outOfStock.shortages()).containsExactly(new Refusal.Shortage(new Sku("A"), 3, 2, 1));
        assertThat(overTheSkusLimit)
                .isEqualTo(new ChangeOutcome.Refused(new Refusal.PurchaseLimit(1, 0, new Sku("B"))));
        assertThat(overTheSalesLimit).isEqualTo(new ChangeOutcome.Refused(new Refusal.PurchaseLimit(5, 0, null)));
        assertThat(unknown).isEqualTo(new ChangeOutcome.Refused(new Refusal.UnknownSkus(List.of(new Sku("X")))));
        assertThat(seed.units("A")).containsExactly(0L, 3L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theSameLinesChangeNothing() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 3);
        Reservation reservation = seed.held("ann", "A", 2);
        int entries = seed.ledger().size();

        ChangeOutcome outcome = seed.replace(reservation, "A", 2);

        assertThat(outcome).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(seed.ledger()).hasSize(entries);
    }

    @Test
    void unitsInHoldsThatAreDueCountAsFree() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 150);
        for (int i = 0; i < 140; i++) {
            seed.held("buyer-" + i, "A", 1);
        }
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        Reservation reservation = seed.held("ann", "A", 2);

        ChangeOutcome outcome = seed.replace(reservation, "A", 150);

        assertThat(outcome).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(seed.units("A")).containsExactly(0L, 150L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aSaleThatTakesNoNewUnitsRefuses() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 3).stock("B", 3);
        Reservation reservation = seed.held("ann", "A", 2);

        seed.state(Sale.Switch.PAUSED);
        ChangeOutcome paused = seed.replace(reservation, "A", 3);
        ChangeOutcome pausedForAnotherSku = seed.replace(reservation, "B", 1);
        seed.state(Sale.Switch.CLOSED);
        ChangeOutcome closed = seed.replace(reservation, "A", 3);
        seed.state(Sale.Switch.OPEN).window(4_000_000_000_000L, 0);
        ChangeOutcome early = seed.replace(reservation, "A", 3);

        assertThat(paused).isEqualTo(new ChangeOutcome.Refused(new Refusal.SalePaused()));
        assertThat(pausedForAnotherSku).isEqualTo(new ChangeOutcome.Refused(new Refusal.SalePaused()));
        assertThat(closed).isEqualTo(new ChangeOutcome.Refused(new Refusal.SaleClosed()));
        assertThat(((ChangeOutcome.Refused) early).refusal()).isInstanceOf(Refusal.SaleNotOpen.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aCartThatOnlyShrinksIsNeverRefused() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9, 4, null).stock("B", 9);
        Reservation reservation = seed.held("ann", "A", 4, "B", 4);
        seed.limit(2).rules(new SkuRules(new Sku("A"), 9, null, Map.of(), null, 1, null, null, 2));

        ChangeOutcome overItsLimits = seed.replace(reservation, "A", 3, "B", 4);
        seed.state(Sale.Switch.PAUSED);
        ChangeOutcome paused = seed.replace(reservation, "A", 2, "B", 4);
        seed.state(Sale.Switch.CLOSED);
        ChangeOutcome closed = seed.replace(reservation, "A", 2);
        seed.state(Sale.Switch.OPEN);
        ChangeOutcome grown = seed.replace(reservation, "A", 3);
        ChangeOutcome grownInAll = seed.replace(reservation, "A", 2, "B", 1);

        assertThat(List.of(overItsLimits, paused, closed)).hasOnlyElementsOfType(ChangeOutcome.Done.class);
        assertThat(grown).isEqualTo(new ChangeOutcome.Refused(new Refusal.PurchaseLimit(2, 0, null)));
        assertThat(grownInAll).isEqualTo(new ChangeOutcome.Refused(new Refusal.PurchaseLimit(2, 0, null)));
        assertThat(seed.units("A")).containsExactly(7L, 2L, 0L);
        assertThat(seed.units("B")).containsExactly(9L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatEndedIsNotReplaced() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation sold = seed.held("ann", "A", 1);
        Reservation late = seed.held("bob", "A", 1);
        seed.confirm(sold);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        ChangeOutcome confirmed = seed.replace(sold, "A", 2);
        ChangeOutcome expired = seed.replace(late, "A", 2);
        ChangeOutcome unknown = room.await(() -> room.step.replace(seed.lane, seed.newId(), cart("A", 1), null));

        assertThat(((ChangeOutcome.Ended) confirmed).reservation().state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(((ChangeOutcome.Ended) expired).reservation().state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(unknown).isEqualTo(new ChangeOutcome.NoSuchReservation());
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aReplacedCartIsGivenBackWhole() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5).stock("B", 5);
        Reservation reservation = seed.held("ann", "A", 1);
        seed.replace(reservation, "A", 2, "B", 2);

        seed.release(reservation);

        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        assertThat(seed.units("B")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLateCopyThatExpectsAnEarlierRevisionDoesNotUndoANewerOne() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation reservation = seed.held("ann", "A", 1);
        ChangeOutcome two = replace(seed, reservation, 2, 1L);
        ChangeOutcome three = replace(seed, reservation, 3, 2L);

        ChangeOutcome late = replace(seed, reservation, 2, 1L);
        ChangeOutcome repeated = replace(seed, reservation, 3, 2L);
        ChangeOutcome unseen = replace(seed, reservation, 4, 9L);

        assertThat(((ChangeOutcome.Done) two).reservation().revision()).isEqualTo(2);
        assertThat(((ChangeOutcome.Done) three).reservation().revision()).isEqualTo(3);
        assertThat(((ChangeOutcome.OtherRevision) late).reservation().cart()).isEqualTo(cart("A", 3));
        assertThat(((ChangeOutcome.Done) repeated).reservation().revision()).isEqualTo(3);
        assertThat(unseen).isInstanceOf(ChangeOutcome.OtherRevision.class);
        assertThat(seed.units("A")).containsExactly(6L, 3L, 0L);
        StockAssert.assertConsistent(seed);
    }

    private static ChangeOutcome replace(RedisSeed seed, Reservation reservation, int quantity, long expectedRevision) {
        return room.await(() -> room.step.replace(seed.lane, reservation.id(), cart("A", quantity), expectedRevision));
    }
}
