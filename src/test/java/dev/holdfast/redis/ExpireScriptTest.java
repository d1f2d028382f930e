package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static dev.holdfast.redis.RedisSeed.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ExpireScriptTest {

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
    void onlyWhatIsDueIsTakenBackOldestFirst() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation second = ((HoldOutcome.Held) seed.hold(seed.newId(), "ann", cart("A", 1), 60)).reservation();
        Reservation first = ((HoldOutcome.Held) seed.hold(seed.newId(), "bob", cart("A", 2), 30)).reservation();
        seed.hold(seed.newId(), "cid", cart("A", 4), 120);
        seed.advance(Duration.ofSeconds(60));

        Reply one = seed.call(Script.EXPIRE, "1");
        Reply rest = seed.call(Script.EXPIRE, "100");

        assertThat(one.parts()).startsWith("SWEPT", "1", "1", "0");
        assertThat(rest.parts()).startsWith("SWEPT", "1", "1", "0");
        assertThat(expiries(seed)).extracting(LedgerEntry.Transition::id).containsExactly(first.id(), second.id());
        assertThat(seed.units("A")).containsExactly(5L, 4L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anExpiredReservationEndedAtItsDeadlineWheneverThatIsNoticed() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation reservation = seed.held("ann", "A", 1);
        seed.advance(Duration.ofHours(1));

        seed.call(Script.EXPIRE, "100");

        Reservation found = ((ChangeOutcome.Done) seed.find(reservation)).reservation();
        assertThat(found.state()).isEqualTo(ReservationState.EXPIRED);
        assertThat(found.endedAtMs()).isEqualTo(reservation.expiresAtMs());
        assertThat(expiries(seed).getFirst().atMs()).isGreaterThan(reservation.expiresAtMs());
    }

    @Test
    void aReservationThatIsNamedEndsAndIsCountedThoughItIsInNoEntryOfDue() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation named = seed.held("ann", "A", 1);
        seed.advance(Duration.ofHours(1));
        room.look().zadd(seed.keys().due(), 9e12, named.id().key());

        Reply reply = seed.call(Script.EXPIRE, "1", "", named.id().key());

        assertThat(reply.parts()).startsWith("SWEPT", "0", "1", "0");
        assertThat(expiries(seed)).extracting(LedgerEntry.Transition::id).containsExactly(named.id());
        StockAssert.assertConsistent(seed);
    }

    /** Else the recorder would not be told of the entry that it has to record. */
    @Test
    void whoAsksForAReservationThatIsOverMakesNews() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation over = seed.held("ann", "A", 1);
        seed.advance(Duration.ofHours(1));
        LaneNews news = room.calls.witnesses().news();
        news.onNews(() -> {});

        seed.find(over);

        assertThat(news.take()).extracting(LaneNews.Item::lane).containsExactly(seed.lane);
    }

    @Test
    void aHundredEntriesAreTheMostOfOneCall() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 200);
        for (int i = 0; i < 101; i++) {
            seed.held("buyer-" + i, "A", 1);
        }
        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        Reply reply = seed.call(Script.EXPIRE, "100");

        assertThat(reply.parts()).startsWith("SWEPT", "100", "100", "0");
        assertThat(room.failureOf(() -> room.calls.call(Script.EXPIRE, seed.lane, "101")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("most");
        assertThat(seed.units("A")).containsExactly(199L, 1L, 0L);
        StockAssert.assertConsistent(seed);
    }

    @Test
    void anEndedReservationLeavesADayLaterAndOnlyOnceItIsRecorded() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation reservation = seed.held("ann", "A", 1);
        seed.confirm(reservation);
        long lastSeq = seed.ledger().getLast().seq();

        seed.advance(Duration.ofHours(23));
        Reply early = seed.call(Script.EXPIRE, "100");
        seed.advance(Duration.ofHours(1));
        Reply unrecorded = seed.call(Script.EXPIRE, "100");
        ChangeOutcome stillThere = seed.find(reservation);
        room.await(() -> room.stream.trim(seed.lane, recorded(lastSeq)));
        Reply tooSoon = seed.call(Script.EXPIRE, "100");
        seed.advance(Duration.ofMinutes(1));
        Reply recorded = seed.call(Script.EXPIRE, "100");

        assertThat(early.parts()).startsWith("SWEPT", "0", "0", "0");
        assertThat(unrecorded.parts()).startsWith("SWEPT", "1", "0", "0");
        assertThat(stillThere).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(tooSoon.parts()).startsWith("SWEPT", "0", "0", "0");
        assertThat(recorded.parts()).startsWith("SWEPT", "1", "0", "1");
        assertThat(seed.find(reservation)).isEqualTo(new ChangeOutcome.NoSuchReservation());
        assertThat(seed.units("A")).containsExactly(8L, 0L, 1L);
        assertThat(room.look().hget(seed.keys().buyers(), "ann")).isEqualTo("1 A");
    }

    @Test
    void howSoonTheNextIsDueIsTold() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 200);
        Reply nothing = seed.call(Script.EXPIRE, "100");
        seed.hold(seed.newId(), "ann", cart("A", 1), 60);
        seed.hold(seed.newId(), "bob", cart("A", 1), 30);
        Reply later = seed.call(Script.EXPIRE, "100");
        seed.advance(Duration.ofSeconds(60));
        Reply more = seed.call(Script.EXPIRE, "1");
        Reply retention = seed.call(Script.EXPIRE, "1");

        assertThat(nothing.number(4)).isEqualTo(-1);
        assertThat(later.number(4)).isBetween(1L, 30_000L);
        assertThat(more.number(4)).isZero();
        assertThat(retention.number(4)).isBetween(60_001L, Duration.ofHours(24).toMillis());
    }

    @Test
    void ofTwoRetentionsTheLongerIsKeptAndWrittenOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        String day = Long.toString(Duration.ofDays(1).toMillis());
        String week = Long.toString(Duration.ofDays(7).toMillis());

        seed.call(Script.EXPIRE, "100", week);
        seed.call(Script.EXPIRE, "100", day);
        String kept = room.look().hget(seed.keys().sale(), "retention_ms");
        room.look().hdel(seed.keys().sale(), "retention_ms");
        seed.call(Script.EXPIRE, "100", day);

        assertThat(kept).isEqualTo(week);
        assertThat(room.look().hexists(seed.keys().sale(), "retention_ms")).isFalse();
    }

    private static List<LedgerEntry.Transition> expiries(RedisSeed seed) {
        return seed.ledger().stream()
                .filter(LedgerEntry.Transition.class::isInstance)
                .map(LedgerEntry.Transition.class::cast)
                .filter(entry -> entry.kind() == LedgerEntry.Kind.EXPIRED)
                .toList();
    }
}
