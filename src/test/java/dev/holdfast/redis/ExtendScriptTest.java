package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ExtendScriptTest {

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
    void theDeadlineCountsFromNow() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 1);
        seed.advance(Duration.ofSeconds(30));

        ChangeOutcome outcome = seed.extend(reservation, 60);

        Reservation extended = ((ChangeOutcome.Done) outcome).reservation();
        assertThat(extended.expiresAtMs()).isEqualTo(extended.readAtMs() + 60_000);
        assertThat(((LedgerEntry.Transition) seed.ledger().getLast()).kind()).isEqualTo(LedgerEntry.Kind.EXTENDED);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theDeadlineNeverPassesTheSalesMaximum() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 1);

        ChangeOutcome outcome = seed.extend(reservation, 9_000);

        assertThat(((ChangeOutcome.Done) outcome).reservation().expiresAtMs())
                .isEqualTo(reservation.heldAtMs() + RedisSeed.MAX_HOLD_MS);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theDeadlineIsNeverEarlierThanItWasAndThenNothingIsWritten() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 1);
        int entries = seed.ledger().size();

        ChangeOutcome outcome = seed.extend(reservation, 5);

        assertThat(((ChangeOutcome.Done) outcome).reservation().expiresAtMs()).isEqualTo(reservation.expiresAtMs());
        assertThat(seed.ledger()).hasSize(entries);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anExtendedHoldOutlivesItsFirstDeadline() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1);
        Reservation reservation = seed.held("ann", "A", 1);
        seed.extend(reservation, 120);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        ChangeOutcome found = seed.find(reservation);

        assertThat(((ChangeOutcome.Done) found).reservation().state()).isEqualTo(ReservationState.HELD);
        assertThat(seed.count("A").held()).isEqualTo(1);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatEndedIsNotExtended() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation sold = seed.held("ann", "A", 1);
        Reservation late = seed.held("bob", "A", 1);
        seed.confirm(sold);
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        ChangeOutcome confirmed = seed.extend(sold, 60);
        ChangeOutcome expired = seed.extend(late, 60);
        ChangeOutcome unknown = room.await(() -> room.step.extend(seed.lane, seed.newId(), 60, null));

        assertThat(((ChangeOutcome.Ended) confirmed).reservation().state()).isEqualTo(ReservationState.CONFIRMED);
        assertThat(((ChangeOutcome.Ended) expired).reservation().state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(unknown).isEqualTo(new ChangeOutcome.NoSuchReservation());
        assertThat(seed.units("A")).containsExactly(4L, 0L, 1L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLateCopyThatExpectsAnEarlierRevisionChangesNothing() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation first = seed.held("ann", "A", 1);
        ChangeOutcome replaced = room.await(() -> room.step.replace(seed.lane, first.id(), RedisSeed.cart("A", 2), 1L));

        ChangeOutcome late = room.await(() -> room.step.extend(seed.lane, first.id(), 300, 1L));
        ChangeOutcome expected = room.await(() -> room.step.extend(seed.lane, first.id(), 300, 2L));
        ChangeOutcome repeated = room.await(() -> room.step.extend(seed.lane, first.id(), 300, 2L));

        assertThat(((ChangeOutcome.Done) replaced).reservation().revision()).isEqualTo(2);
        assertThat(((ChangeOutcome.OtherRevision) late).reservation().revision())
                .isEqualTo(2);
        assertThat(((ChangeOutcome.Done) expected).reservation().revision()).isEqualTo(3);
        assertThat(((ChangeOutcome.Done) repeated).reservation().revision()).isEqualTo(3);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void noTimeAtAllIsABadArgument() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation reservation = seed.held("ann", "A", 1);

        Throwable failure = room.failureOf(() -> room.step.extend(seed.lane, reservation.id(), 0, null));

        assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("hold_ms");
    }
}
