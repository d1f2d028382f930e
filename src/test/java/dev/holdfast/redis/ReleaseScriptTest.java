package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ReleaseScriptTest {

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
    void releaseGivesUnitsAndAllowanceBackOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5).stock("B", 5);
        Reservation reservation = seed.held("ann", "A", 2, "B", 1);

        ChangeOutcome first = seed.release(reservation);
        ChangeOutcome again = seed.release(reservation);

        assertThat(((ChangeOutcome.Done) first).reservation().state()).isEqualTo(ReservationState.RELEASED);
        assertThat(again).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        assertThat(room.look().exists(seed.keys().buyers())).isZero();
        StockAssert.assertConsistent(seed);
    }

    @Test
    void releaseAfterConfirmLeavesTheUnitsSold() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 2);
        seed.confirm(reservation);

        ChangeOutcome outcome = seed.release(reservation);

        assertThat(((ChangeOutcome.Ended) outcome).reservation().state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(seed.units("A")).containsExactly(3L, 0L, 2L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void releaseAfterExpiryGivesTheStockBackOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 2);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        ChangeOutcome outcome = seed.release(reservation);

        assertThat(((ChangeOutcome.Ended) outcome).reservation().state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(seed.units("A")).containsExactly(5L, 0L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void oneCustomersReleaseLeavesTheirOtherCartAlone() {
        RedisSeed seed = RedisSeed.openSale(room).limit(3).stock("A", 5);
        Reservation first = seed.held("ann", "A", 1);
        seed.held("ann", "A", 2);

        seed.release(first);

        assertThat(seed.units("A")).containsExactly(3L, 2L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anUnknownReservationIsNotReleased() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);

        ChangeOutcome outcome = room.await(() -> room.step.release(seed.lane, seed.newId()));

        assertThat(outcome).isEqualTo(new ChangeOutcome.NoSuchReservation());
    }
}
