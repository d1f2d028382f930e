package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.support.TestServers;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The last millisecond of a hold, on a Redis clock that stands still where the test put it. */
class DeadlineTest {

    private static final String CLOCK = "redis.call('TIME')";
    private static final String STANDING_CLOCK =
            "{redis.call('HGET', SALE, 'test_seconds') or '0', redis.call('HGET', SALE, 'test_micros') or '0'}";

    private static RedisRoom room;

    @BeforeAll
    static void connect() {
        String uri = TestServers.redisUri();
        Scripts bundled = Scripts.bundled();
        Map<Script, String> standing = new EnumMap<>(Script.class);
        for (Script script : Script.values()) {
            standing.put(script, bundled.text(script).replace(CLOCK, STANDING_CLOCK));
        }
        room = new RedisRoom(RedisRoom.patient(uri), uri, bundled.with(standing));
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void noVerbEndsAHoldAMillisecondEarly() {
        RedisSeed seed = RedisSeed.openSale(room).limit(1).stock("A", 1);
        setClock(seed, 1_000_000);
        Reservation reservation = seed.held("ann", "A", 1);
        setClock(seed, reservation.expiresAtMs() - 1);

        Reply swept = seed.call(Script.EXPIRE, "100");
        Reservation found = ((ChangeOutcome.Done) seed.find(reservation)).reservation();
        HoldOutcome rival = seed.hold("bob", "A", 1);
        HoldOutcome again = seed.hold(reservation.id(), "ann", cart("A", 1), null);
        ChangeOutcome confirmed = seed.confirm(reservation);

        assertThat(swept.parts()).startsWith("SWEPT", "0", "0", "0");
        assertThat(found.state()).isEqualTo(ReservationState.HELD);
        assertThat(found.remainingMs()).isEqualTo(1);
        assertThat(rival).isInstanceOf(HoldOutcome.Refused.class);
        assertThat(((HoldOutcome.Replayed) again).reservation().state()).isEqualTo(ReservationState.HELD);
        assertThat(confirmed).isInstanceOf(ChangeOutcome.Done.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void atItsDeadlineAHoldIsOverForEveryVerb() {
        for (Script verb :
                List.of(Script.CONFIRM, Script.RELEASE, Script.EXTEND, Script.REPLACE, Script.EXPIRE, Script.STOCK)) {
            RedisSeed seed = RedisSeed.openSale(room).stock("A", 1);
            setClock(seed, 1_000_000);
            Reservation reservation = seed.held("ann", "A", 1);
            setClock(seed, reservation.expiresAtMs());

            switch (verb) {
                case CONFIRM -> assertEnded(seed.confirm(reservation));
                case RELEASE -> assertEnded(seed.release(reservation));
                case EXTEND -> assertEnded(seed.extend(reservation, 60));
                case REPLACE -> assertEnded(seed.replace(reservation, "A", 1));
                case EXPIRE ->
                    assertThat(seed.call(Script.EXPIRE, "1").number(2)).isEqualTo(1);
                default -> assertThat(seed.count("A").available()).isEqualTo(1);
            }

            assertThat(seed.units("A")).as(verb.fileName()).containsExactly(1L, 0L, 0L);
            StockAssert.assertConsistent(seed);
        }
    }

    @Test
    void atItsDeadlineAHoldsUnitGoesToWhoeverAsks() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 1);
        setClock(seed, 1_000_000);
        Reservation reservation = seed.held("ann", "A", 1);
        setClock(seed, reservation.expiresAtMs());

        HoldOutcome again = seed.hold(reservation.id(), "ann", cart("A", 1), null);
        HoldOutcome rival = seed.hold("bob", "A", 1);

        assertThat(((HoldOutcome.Replayed) again).reservation().state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(rival).isInstanceOf(HoldOutcome.Held.class);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void theWindowOpensAndClosesOnTheMillisecond() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).window(1_000_000, 2_000_000);

        setClock(seed, 999_999);
        HoldOutcome early = seed.hold("ann", "A", 1);
        setClock(seed, 1_000_000);
        HoldOutcome first = seed.hold("ann", "A", 1);
        setClock(seed, 1_999_999);
        HoldOutcome last = seed.hold("ann", "A", 1);
        setClock(seed, 2_000_000);
        HoldOutcome late = seed.hold("ann", "A", 1);

        assertThat(List.of(early, first, last, late))
                .extracting(outcome -> outcome instanceof HoldOutcome.Held)
                .containsExactly(false, true, true, false);
    }

    @Test
    void aClockThatIsSetBackTakesNothingAway() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        setClock(seed, 1_000_000);
        Reservation reservation = seed.held("ann", "A", 1);
        setClock(seed, 900_000);

        ChangeOutcome confirmed = seed.confirm(reservation);

        assertThat(confirmed).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(seed.ledger()).noneMatch(entry -> entry instanceof LedgerEntry.Unreadable);
        StockAssert.assertConsistent(seed);
    }

    private static void assertEnded(ChangeOutcome outcome) {
        assertThat(((ChangeOutcome.Ended) outcome).reservation().state()).isEqualTo(ReservationState.EXPIRED);
    }

    /** As if the lane had been called until then: a clock that jumps between two calls is another matter (LaneTimeTest). */
    private static void setClock(RedisSeed seed, long ms) {
        room.look()
                .hset(
                        seed.keys().sale(),
                        Map.of(
                                "test_seconds",
                                "" + ms / 1000,
                                "test_micros",
                                "" + ms % 1000 * 1000,
                                "seen_ms",
                                "" + ms));
    }
}
