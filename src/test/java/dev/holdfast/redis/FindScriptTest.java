package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FindScriptTest {

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
    void aHoldThatIsDueIsTakenBackByWhoeverLooksAtItBeforeAnyoneSweptIt() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation reservation = seed.held("ann", "A", 1);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
        room.look().del(seed.keys().due());

        Reservation found = ((ChangeOutcome.Done) seed.find(reservation)).reservation();

        assertThat(found.state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(found.endedAtMs()).isEqualTo(reservation.expiresAtMs());
        assertThat(seed.units("A")).containsExactly(9L, 0L, 0L);
    }

    @Test
    void aStateIsRecordedOnceTheLaneWasToldSo() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation reservation = seed.held("ann", "A", 1);
        long heldSeq = seed.ledger().getLast().seq();

        boolean before = found(seed, reservation).recorded();
        room.await(() -> room.stream.trim(seed.lane, recorded(heldSeq)));
        boolean after = found(seed, reservation).recorded();
        seed.confirm(reservation);
        boolean afterConfirm = found(seed, reservation).recorded();

        assertThat(before).isFalse();
        assertThat(after).isTrue();
        assertThat(afterConfirm).isFalse();
    }

    @Test
    void anUnknownReservationIsNotFound() {
        RedisSeed seed = RedisSeed.openSale(room);

        ChangeOutcome outcome = room.await(() -> room.step.find(seed.lane, seed.newId()));

        assertThat(outcome).isEqualTo(new ChangeOutcome.NoSuchReservation());
    }

    private static Reservation found(RedisSeed seed, Reservation reservation) {
        return ((ChangeOutcome.Done) seed.find(reservation)).reservation();
    }
}
