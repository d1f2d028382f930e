package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.Suspects;
import dev.holdfast.reservation.Unavailable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Redis lost the value of a reservation, or its entry of `due`: whoever asks for it or for its units notices it. */
class LostInRedisTest {

    private static final Duration HOLD = Duration.ofMillis(RedisSeed.HOLD_MS);

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
    void aLostHoldIsSaidToBeSoByEveryVerbAndSuspected() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        room.look().hdel(seed.keys().holds(), held.id().key());
        room.calls.witnesses().suspects().take();

        assertLost(() -> room.step.confirm(seed.lane, held.id()));
        assertLost(() -> room.step.release(seed.lane, held.id()));
        assertLost(() -> room.step.extend(seed.lane, held.id(), 60, null));
        assertLost(() -> room.step.replace(seed.lane, held.id(), cart("A", 1), null));
        assertLost(() -> room.step.find(seed.lane, held.id()));
        assertLost(() -> room.calls.call(Script.SHRINK, seed.lane, held.id().key(), "" + held.heldAtMs(), "A 1", "0"));
        assertLost(() -> room.calls.call(
                Script.RECLAIM,
                seed.lane,
                held.id().key(),
                "" + held.heldAtMs(),
                "H",
                "1",
                "" + RedisSeed.HOLD_MS,
                RedisSeed.FINGERPRINT,
                "ann",
                "A 2"));

        assertThat(room.calls.witnesses().suspects().take()).containsExactly(new Suspects.Lost(seed.lane, held.id()));
        assertThat(seed.units("A")).containsExactly(7L, 2L, 0L);
    }

    @Test
    void aKeyWhoseReservationWasLostIsNotHeldASecondTime() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9).stock("B", 2);
        Reservation held = seed.held("ann", "A", 2);
        Reservation sold = seed.held("bob", "B", 2);
        seed.confirm(sold);
        for (Reservation lost : List.of(held, sold)) {
            room.look().hdel(seed.keys().holds(), lost.id().key());
        }
        room.calls.witnesses().suspects().take();
        int entries = seed.ledger().size();

        assertLost(() -> seed.tryHold(new ReservationId(held.id().key()), "ann", cart("A", 2), null));
        assertLost(() -> seed.tryHold(new ReservationId(sold.id().key()), "bob", cart("B", 2), null));

        assertThat(room.calls.witnesses().suspects().take())
                .containsExactlyInAnyOrder(
                        new Suspects.Hold(seed.lane, held.id().key()),
                        new Suspects.Hold(seed.lane, sold.id().key()));
        assertThat(seed.ledger()).hasSize(entries);
        assertThat(seed.held("ann", "A", 7).state()).isNotNull();
    }

    @Test
    void othersOfTheSameCallAreDecidedAsIfTheLostOneWereNotAmongThem() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 5);
        Reservation held = seed.held("ann", "A", 2);
        room.look().hdel(seed.keys().holds(), held.id().key());

        Future<HoldOutcome> lost = room.onLoop(() -> {
            Future<HoldOutcome> first = seed.tryHold(new ReservationId(held.id().key()), "ann", cart("A", 2), null);
            Future<HoldOutcome> second = seed.tryHold(seed.newId(), "bob", cart("A", 3), null);
            return first.transform(done -> {
                assertThat(done.failed()).isTrue();
                return second;
            });
        });

        assertThat(room.await(() -> lost)).isInstanceOf(HoldOutcome.Held.class);
        assertThat(seed.units("A")).containsExactly(0L, 5L, 0L);
    }

    @Test
    void aLostHoldUnderTheSecondOfTwoKeysIsNoticedToo() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        room.look().hdel(seed.keys().holds(), held.id().key());
        String other = seed.newId().key();

        assertLost(() -> room.calls.call(
                Script.HOLD, seed.lane, other + ' ' + held.id().key(), "ann", RedisSeed.FINGERPRINT, "0", "A 2"));
    }

    @Test
    void aLostHoldThatIsDueIsToldBySweepsAndStaysToBePutBack() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 2);
        room.look().hdel(seed.keys().holds(), held.id().key());

        Reply early = seed.call(Script.EXPIRE, "100");
        seed.advance(HOLD);
        Reply due = seed.call(Script.EXPIRE, "100");

        assertThat(early.parts()).containsExactly("SWEPT", "0", "0", "0", early.text(4), "0", "1");
        assertThat(due.parts())
                .containsExactly(
                        "SWEPT", "1", "0", "0", due.text(4), "0", "1", held.id().key());
        assertThat(room.look().zscore(seed.keys().due(), held.id().key())).isNotNull();
    }

    @Test
    void aBuyerWhoWouldBeRefusedGetsUnitsOfHoldsThatAreInNoEntryOfDue() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 2);
        seed.held("ann", "A", 2);
        seed.advance(HOLD);
        room.look().del(seed.keys().due());

        assertThat(seed.hold("bob", "A", 2)).isInstanceOf(HoldOutcome.Held.class);

        StockAssert.assertConsistent(seed);
    }

    @Test
    void aLookAtStockTakesBackWhatIsInNoEntryOfDue() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 400);
        for (int i = 0; i < 300; i++) {
            seed.held("c-" + i, "A", 1);
        }
        seed.advance(HOLD);
        room.look().del(seed.keys().due());

        assertThat(seed.count("A").available()).isEqualTo(400);

        assertThat(seed.ledger().stream()
                        .filter(entry -> entry instanceof LedgerEntry.Transition expired
                                && expired.kind() == LedgerEntry.Kind.EXPIRED))
                .hasSize(300);
    }

    @Test
    void entriesOfDueAreMadeAgainAsTheyWereAndTheNextSweepTellsHowMany() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 999);
        List<Reservation> all = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            all.add(seed.held("c-" + i, "A", 1));
        }
        seed.confirm(all.getFirst());
        seed.release(all.get(1));
        var before = room.look().zrangeWithScores(seed.keys().due(), 0, -1);
        room.look().del(seed.keys().due());

        long mended = 0;
        Reply swept;
        do {
            swept = seed.call(Script.EXPIRE, "100");
            mended += swept.number(5);
        } while (swept.number(4) == 0);

        assertThat(mended).isEqualTo(150);
        assertThat(room.look().zrangeWithScores(seed.keys().due(), 0, -1)).isEqualTo(before);
        assertThat(seed.call(Script.EXPIRE, "100").number(5)).isZero();
    }

    @Test
    void whatCannotBeReadAndIsInNoEntryOfDueIsToldOnce() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        Reservation held = seed.held("ann", "A", 1);
        room.look().hset(seed.keys().holds(), held.id().key(), "rubbish");
        room.look().del(seed.keys().due());

        Reply swept = seed.call(Script.EXPIRE, "100");

        assertThat(swept.parts().subList(5, 8))
                .containsExactly("1", "0", held.id().key());
        assertThat(seed.call(Script.EXPIRE, "100").size()).isEqualTo(7);
    }

    private static void assertLost(Supplier<Future<?>> call) {
        assertThat(room.failureOf(call)).isInstanceOfSatisfying(Unavailable.class, failure -> {
            assertThat(failure.reason()).isEqualTo(Unavailable.Reason.RECOVERING);
            assertThat(failure.told()).contains(Unavailable.RESERVATION_LOST);
        });
    }
}
