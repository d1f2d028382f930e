package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.Sale;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RetireScriptTest {

    private static RedisRoom room;

    private final LaneClearing clearing = new LaneClearing(room.calls);

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void aLaneThatIsOverEmptyAndRecordedLeavesWithAllItsKeys() {
        RedisSeed seed = over(RedisSeed.openSale(room).stock("A", 9));
        long last = seed.ledger().getLast().seq();

        boolean quiet = room.await(() -> clearing.isQuiet(seed.lane, last));
        long keysAfterLook = room.look().exists(seed.keys().inOrder());
        boolean gone = room.await(() -> clearing.clear(seed.lane, last));
        boolean goneBefore = room.await(() -> clearing.clear(seed.lane, last));

        assertThat(quiet).isTrue();
        assertThat(keysAfterLook).isPositive();
        assertThat(gone).isTrue();
        assertThat(goneBefore).isTrue();
        assertThat(room.look().exists(seed.keys().inOrder())).isZero();
    }

    @Test
    void aLaneStaysWhileItsWindowIsOpenOrItIsPaused() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reply open = clear(seed, last(seed));
        Reply paused = clear(seed.state(Sale.Switch.PAUSED), last(seed));
        seed.window(0, System.currentTimeMillis() + 3_600_000);
        Reply before = clear(seed, last(seed));
        seed.advance(Duration.ofHours(2));
        Reply after = clear(seed, last(seed));

        assertThat(open.parts()).containsExactly("IN_USE", "sale");
        assertThat(paused.parts()).containsExactly("IN_USE", "sale");
        assertThat(before.parts()).containsExactly("IN_USE", "sale");
        assertThat(after.word()).isEqualTo("RETIRED");
    }

    @Test
    void aLaneStaysAsLongAsAKeyStandsForAReservation() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation reservation = seed.held("ann", "A", 1);
        seed.confirm(reservation);
        over(seed);
        Reply kept = clear(seed, last(seed));
        long last = last(seed);
        room.await(() -> room.stream.trim(seed.lane, recorded(last)));
        seed.advance(Duration.ofHours(24));
        seed.call(Script.EXPIRE, "100");

        Reply free = clear(seed, last(seed));

        assertThat(kept.parts()).containsExactly("IN_USE", "holds");
        assertThat(free.word()).isEqualTo("RETIRED");
    }

    @Test
    void whatPostgresqlDoesNotHaveNeverLeaves() {
        RedisSeed seed = over(RedisSeed.openSale(room).stock("A", 9));
        long before = last(seed);
        seed.stock("B", 1);

        Reply unrecorded = clear(seed, before);

        assertThat(unrecorded.parts()).containsExactly("IN_USE", "ledger");
        assertThat(seed.ledger()).hasSize((int) before + 1);
    }

    @Test
    void afterItNobodyGetsAnything() {
        RedisSeed seed = over(RedisSeed.openSale(room).stock("A", 9));
        clear(seed, last(seed));

        Throwable failure = room.failureOf(() -> seed.tryHold(seed.newId(), "ann", cart("A", 1), null));

        assertThat(failure).hasMessageContaining("Redis does not have it");
        assertThat(room.look().exists(seed.keys().inOrder())).isZero();
    }

    @CanIgnoreReturnValue
    private static RedisSeed over(RedisSeed seed) {
        return seed.state(Sale.Switch.CLOSED);
    }

    private static long last(RedisSeed seed) {
        return seed.ledger().getLast().seq();
    }

    @CanIgnoreReturnValue
    private static Reply clear(RedisSeed seed, long recordedSeq) {
        return seed.call(Script.RETIRE, Long.toString(recordedSeq), "1");
    }
}
