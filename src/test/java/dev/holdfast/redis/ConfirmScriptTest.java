package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sale;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ConfirmScriptTest {

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
    void confirmTurnsHeldUnitsIntoSoldOnesOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5).stock("B", 5);
        Reservation reservation = seed.held("ann", "A", 2, "B", 1);

        ChangeOutcome first = seed.confirm(reservation);
        ChangeOutcome again = seed.confirm(reservation);

        Reservation confirmed = ((ChangeOutcome.Done) first).reservation();
        assertThat(confirmed.state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(confirmed.endedAtMs()).isEqualTo(confirmed.readAtMs());
        assertThat(((ChangeOutcome.Done) again).reservation().endedAtMs()).isEqualTo(confirmed.endedAtMs());
        assertThat(seed.units("A")).containsExactly(3L, 0L, 2L);
        assertThat(seed.units("B")).containsExactly(4L, 0L, 1L);
        assertThat(seed.ledger())
                .filteredOn(LedgerEntry.Transition.class::isInstance)
                .hasSize(2);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void confirmAfterExpiryGivesTheStockBackOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 2);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        ChangeOutcome late = seed.confirm(reservation);
        ChangeOutcome again = seed.confirm(reservation);

        Reservation expired = ((ChangeOutcome.Ended) late).reservation();
        assertThat(expired.state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(expired.endedAtMs()).isEqualTo(reservation.expiresAtMs());
        assertThat(again).isInstanceOf(ChangeOutcome.Ended.class);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void confirmAfterReleaseSellsNothing() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 2);
        seed.release(reservation);

        ChangeOutcome outcome = seed.confirm(reservation);

        assertThat(((ChangeOutcome.Ended) outcome).reservation().state()).isEqualTo(ReservationState.RELEASED);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aPausedOrClosedSaleStillConfirms() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 2);
        seed.state(Sale.Switch.CLOSED);

        ChangeOutcome outcome = seed.confirm(reservation);

        assertThat(outcome).isInstanceOf(ChangeOutcome.Done.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anUnknownReservationIsNotConfirmed() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);

        ChangeOutcome outcome = room.await(() -> room.step.confirm(seed.lane, seed.newId()));

        assertThat(outcome).isEqualTo(new ChangeOutcome.NoSuchReservation());
    }
}
