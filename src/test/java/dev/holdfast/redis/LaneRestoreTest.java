package dev.holdfast.redis;

import static dev.holdfast.redis.RedisSeed.cart;
import static dev.holdfast.redis.RestoredLane.HELD_AT_MS;
import static dev.holdfast.redis.RestoredLane.HOUR_MS;
import static dev.holdfast.redis.RestoredLane.allowance;
import static dev.holdfast.redis.RestoredLane.count;
import static dev.holdfast.redis.RestoredLane.held;
import static dev.holdfast.redis.RestoredLane.id;
import static dev.holdfast.redis.RestoredLane.reservation;
import static dev.holdfast.redis.RestoredLane.sku;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.AdjustmentDecision;
import dev.holdfast.reservation.Allowance;
import dev.holdfast.reservation.Cart;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.CustomerId;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.HoldRequest;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerEntry;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.RestoredReservation;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockedSku;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The steps of a rebuild in Redis, one by one. */
class LaneRestoreTest {

    private static final Duration DAY = Duration.ofHours(24);

    private static RedisRoom room;

    private RedisSeed seed;
    private Lane next;
    private LaneRestore restore;

    @BeforeAll
    static void connect() {
        room = RedisRoom.shared();
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @BeforeEach
    void aLaneThatIsToBeRebuilt() {
        seed = RedisSeed.openSale(room).stock("A", 9).limit(4);
        next = new Lane(seed.sale.id(), 0, seed.lane.epoch() + 1);
        restore = new LaneRestore(room.calls, next);
    }

    @Test
    void aSealedLaneAnswersNoEpochAndItsLedgerCanBeRead() {
        seed.held("ann", "A", 2);
        int entries = seed.ledger().size();

        room.await(restore::seal);

        assertNoLane(seed.lane);
        assertNoLane(next);
        assertThat(seed.ledger()).hasSize(entries);
        assertThat(room.failureOf(() -> room.setup.setSale(seed.lane, seed.sale, false)))
                .isInstanceOf(StaleLane.class);
    }

    @Test
    void nothingCanBeCalledBeforeAllIsThere() {
        room.await(restore::seal);
        room.await(() -> restore.clear(seed.sale, DAY));
        assertNoLane(next);
        room.await(() -> restore.stock(List.of(sku("A", 9, 6, 2, 1))));
        assertNoLane(next);
        room.await(() -> restore.reservations(List.of(held("one", "ann", cart("A", 2)))));
        assertNoLane(next);
        room.await(() -> restore.allowances(List.of(allowance("ann", "A", 2), allowance("bob", "A", 1))));
        assertNoLane(next);

        room.await(() -> restore.open());

        assertThat(room.await(() -> room.step.count(next, new Sku("A")))).hasValue(count("A", 9, 6, 2, 1));
        assertThat(room.await(() -> room.step.confirm(next, id("one")))).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(room.await(() -> room.stream.read(next, 0, 10)))
                .extracting(entry -> (Object) entry.getClass())
                .containsExactly(LedgerEntry.Rebuilt.class, LedgerEntry.SaleSet.class, LedgerEntry.Transition.class);
        assertThat(room.failureOf(() -> room.step.stock(seed.lane))).hasMessageContaining("under another epoch");
    }

    @Test
    void everyStepMayBeRepeated() {
        twice(restore::seal);
        twice(() -> restore.clear(seed.sale, DAY));
        StockedSku a = sku("A", 9, 7, 2, 0);
        RestoredReservation one = held("one", "ann", cart("A", 2));
        room.await(() -> restore.stock(List.of(a)));
        room.await(() -> restore.reservations(List.of(one)));
        room.await(() -> restore.allowances(List.of(allowance("ann", "A", 2))));
        // As if their answers had been lost: they are not counted once more.
        LaneRestore again = new LaneRestore(room.calls, next);
        room.await(() -> again.clear(seed.sale, DAY));
        room.await(() -> again.stock(List.of(a)));
        room.await(() -> again.reservations(List.of(one)));
        room.await(() -> again.allowances(List.of(allowance("ann", "A", 2))));

        twice(() -> restore.open());

        assertThat(room.look().hget(LaneKeys.of(next).stock(), "|skus")).isEqualTo("1");
        assertThat(room.await(() -> room.stream.lastSeq(next))).isEqualTo(2);
        assertThat(room.look().hgetall(LaneKeys.of(next).buyers())).isEqualTo(Map.of("ann", "2 A"));
    }

    @Test
    void anOlderRebuildChangesNothingAnyMore() {
        LaneRestore later = new LaneRestore(room.calls, new Lane(next.saleId(), 0, next.epoch() + 1));
        room.await(restore::seal);
        room.await(() -> restore.clear(seed.sale, DAY));
        room.await(later::seal);

        assertThat(room.failureOf(restore::seal)).hasMessageContaining("under another epoch");
        assertThat(room.failureOf(() -> restore.clear(seed.sale, DAY))).hasMessageContaining("under another epoch");
        room.await(() -> later.clear(seed.sale, DAY));
        assertThat(room.failureOf(() -> restore.stock(List.of(sku("A", 9, 9, 0, 0)))))
                .hasMessageContaining("under another epoch");
        LaneRestore holds = new LaneRestore(room.calls, next);
        room.await(() -> holds.reservations(List.of(held("one", "ann", cart("A", 2)))));
        assertThat(room.failureOf(holds::settled)).hasMessageContaining("under another epoch");
        LaneRestore buyers = new LaneRestore(room.calls, next);
        room.await(() -> buyers.allowances(List.of(allowance("ann", "A", 2))));
        assertThat(room.failureOf(buyers::settled)).hasMessageContaining("under another epoch");
        assertThat(room.failureOf(() -> restore.open())).hasMessageContaining("under another epoch");
        assertThat(room.look()
                        .exists(LaneKeys.of(next).stock(), LaneKeys.of(next).holds()))
                .isZero();
    }

    @Test
    void aLaneThatLostSomethingMeanwhileIsNotOpened() {
        room.await(restore::seal);
        room.await(() -> restore.clear(seed.sale, DAY));
        room.await(() -> restore.stock(List.of(sku("A", 9, 7, 2, 0))));
        room.await(() -> restore.reservations(List.of(held("one", "ann", cart("A", 2)))));
        room.await(restore::settled);
        room.look().del(LaneKeys.of(next).holds());

        Throwable incomplete = room.failureOf(() -> restore.open());
        room.look().del(LaneKeys.of(next).inOrder());
        Throwable emptied = room.failureOf(() -> restore.open());

        assertThat(incomplete).isInstanceOf(IllegalStateException.class).hasMessageContaining("0 holds of");
        assertThat(emptied).isInstanceOf(StaleLane.class);
        assertNoLane(next);
    }

    @Test
    void reservationsAllowancesAndProductsAreAsTheScriptsHaveThem() {
        Cart both = cart("A", 1, "B", 2);
        room.await(restore::seal);
        long rememberedFromMs = room.await(() -> restore.clear(seed.sale, DAY));
        room.await(() -> restore.stock(List.of(sku("A", 9, 8, 1, 0), sku("B", 5, 3, 2, 0))));
        room.await(() -> restore.reservations(List.of(
                held("live", "ann", both),
                reservation("sold", "bob", cart("A", 1), ReservationState.CONFIRMED, HELD_AT_MS + 7),
                reservation("gone", "cat", cart("A", 1), ReservationState.EXPIRED, HELD_AT_MS + HOUR_MS))));
        room.await(() -> restore.allowances(List.of(
                new Allowance(
                        new CustomerId("ann"),
                        List.of(new Allowance.Units(new Sku("A"), 1), new Allowance.Units(new Sku("B"), 2))),
                allowance("bob", "A", 1))));
        room.await(() -> restore.open());

        LaneKeys keys = LaneKeys.of(next);
        assertThat(rememberedFromMs).isBetween(HELD_AT_MS - 25 * HOUR_MS, System.currentTimeMillis() - 23 * HOUR_MS);
        assertThat(room.look().hgetall(keys.holds()))
                .containsEntry(id("live").key(), "H 3 0 0 " + HELD_AT_MS + " 3600000 Zm9v ann A 1 B 2")
                .containsEntry(id("sold").key(), "C 3 0 7 " + HELD_AT_MS + " 3600000 Zm9v bob A 1")
                .containsEntry(id("gone").key(), "E 3 0 3600000 " + HELD_AT_MS + " 3600000 Zm9v cat A 1");
        assertThat(room.look().zscore(keys.due(), id("live").key())).isEqualTo((double) (HELD_AT_MS + HOUR_MS));
        assertThat(room.look().zscore(keys.due(), id("sold").key()))
                .isEqualTo((double) (HELD_AT_MS + 7 + 24 * HOUR_MS));
        assertThat(room.look().hgetall(keys.buyers()))
                .isEqualTo(Map.of("ann", "3", "ann|A", "1", "ann|B", "2", "bob", "1 A"));
        assertThat(room.look().hget(keys.stock(), "|page|0|shoe")).isEqualTo("A B");
        assertThat(room.await(() -> room.step.release(next, id("live")))).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(room.look().hgetall(keys.buyers())).isEqualTo(Map.of("bob", "1 A"));
    }

    @Test
    void aReductionThatWaitsForHoldsGoesOnAndAnAdjustmentIsNotDoneTwice() {
        SkuRules rules = new SkuRules(new Sku("A"), 9, null, Map.of(), null, 0, null, null, 1);
        StockedSku shrinking = new StockedSku(rules, new StockCount(new Sku("A"), 4, 0, 4, 0, 2), 3, 12, List.of());
        room.await(restore::seal);
        room.await(() -> restore.clear(seed.sale, DAY));
        room.await(() -> restore.stock(List.of(shrinking)));
        room.await(() -> restore.reservations(List.of(held("one", "ann", cart("A", 4)))));
        room.await(() -> restore.allowances(List.of(allowance("ann", "A", 4))));
        room.await(() -> restore.open());

        AdjustmentDecision again =
                room.await(() -> room.setup.adjust(next, new Adjustment(12, "twelve", new Sku("A"), 2, 9, 1, true)));
        room.await(() -> room.step.release(next, id("one")));

        assertThat(again).isEqualTo(new AdjustmentDecision.Applied(3));
        assertThat(room.await(() -> room.step.count(next, new Sku("A"))))
                .hasValue(new StockCount(new Sku("A"), 1, 1, 0, 0, 2));
    }

    @Test
    void whatEndedStaysAsLongAsTheLaneKeepsThings() {
        seed.call(Script.EXPIRE, "1", Long.toString(48 * HOUR_MS));
        LaneKeys keys = LaneKeys.of(next);
        room.await(restore::seal);

        long rememberedFromMs = room.await(() -> restore.clear(seed.sale, DAY));
        room.await(() -> restore.reservations(
                List.of(reservation("sold", "bob", cart("A", 1), ReservationState.CONFIRMED, HELD_AT_MS + 7))));
        room.await(restore::settled);
        room.await(restore::open);
        room.await(() -> restore.ended(
                List.of(reservation("gone", "cat", cart("A", 1), ReservationState.RELEASED, HELD_AT_MS + 9))));

        assertThat(room.look().hget(keys.sale(), "retention_ms")).isEqualTo(Long.toString(48 * HOUR_MS));
        assertThat(rememberedFromMs).isLessThan(HELD_AT_MS - 47 * HOUR_MS);
        assertThat(room.look().zscore(keys.due(), id("sold").key()))
                .isEqualTo((double) (HELD_AT_MS + 7 + 48 * HOUR_MS));
        assertThat(room.look().zscore(keys.due(), id("gone").key()))
                .isEqualTo((double) (HELD_AT_MS + 9 + 48 * HOUR_MS));
    }

    @Test
    void whatEndedComesBackToALaneThatSellsAndReplacesNothing() {
        room.await(restore::seal);
        room.await(() -> restore.clear(seed.sale, DAY));
        room.await(() -> restore.stock(List.of(sku("A", 9, 7, 2, 0))));
        room.await(() -> restore.reservations(List.of(held("one", "ann", cart("A", 2)))));
        room.await(() -> restore.allowances(List.of(allowance("ann", "A", 2))));
        room.await(restore::settled);
        room.await(restore::open);
        RestoredReservation old =
                reservation("old", "bob", cart("A", 1), ReservationState.RELEASED, HELD_AT_MS - 25 * HOUR_MS);
        RestoredReservation sold = reservation("sold", "bob", cart("A", 1), ReservationState.CONFIRMED, HELD_AT_MS + 7);
        RestoredReservation sameKey =
                reservation("one", "ann", cart("A", 9), ReservationState.EXPIRED, HELD_AT_MS + HOUR_MS);

        twice(() -> restore.ended(List.of(old, sold, sameKey)));
        Throwable live = room.failureOf(() -> restore.ended(List.of(held("two", "cat", cart("A", 1)))));

        assertThat(room.look().hkeys(LaneKeys.of(next).holds()))
                .containsExactlyInAnyOrder(id("one").key(), id("sold").key());
        assertThat(room.await(() -> room.step.confirm(next, id("one")))).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(room.await(() -> room.step.find(next, id("sold")))).isInstanceOf(ChangeOutcome.Done.class);
        assertThat(live).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("state");
    }

    @Test
    void aLaneWhoseTimeIsBehindRedissClockKeepsItsTime() {
        String saleKey = LaneKeys.of(next).sale();
        long redisMs = Long.parseLong(room.look().time().getFirst()) * 1000;
        room.look()
                .hset(
                        saleKey,
                        Map.of(
                                "lag_ms",
                                Long.toString(HOUR_MS),
                                "seen_ms",
                                redisMs + ":" + (redisMs % 997 * 7 + HOUR_MS % 991 * 13),
                                "doubt",
                                "",
                                "lag_until",
                                Long.toString(redisMs + 100 * HOUR_MS)));
        long behind = seed.held("ann", "A", 1).heldAtMs();
        room.await(restore::seal);

        long rememberedFromMs = room.await(() -> restore.clear(seed.sale, DAY));
        room.await(() -> restore.stock(List.of(sku("A", 9, 9, 0, 0))));
        room.await(restore::open);
        ChangeOutcome missing = room.await(() -> room.step.find(next, id("one")));
        HoldRequest request = new HoldRequest(seed.sale.id(), new CustomerId("bob"), cart("A", 1), null, "key");
        HoldOutcome.Held held =
                (HoldOutcome.Held) room.await(() -> room.step.hold(next, seed.newId(), RedisSeed.FINGERPRINT, request));
        long stillBehind = held.reservation().heldAtMs();

        assertThat(missing).isInstanceOf(ChangeOutcome.NoSuchReservation.class);
        assertThat(behind).isLessThan(redisMs - HOUR_MS + 60_000);
        assertThat(stillBehind).isBetween(behind, behind + 60_000);
        assertThat(rememberedFromMs).isBetween(behind - DAY.toMillis(), behind - DAY.toMillis() + 60_000);
    }

    @Test
    void theStockOfARestoredLaneIsReadAsItWasWritten() {
        List<StockedSku> written = List.of(sku("A", 9, 6, 2, 1), sku("B", 3, 3, 0, 0));
        room.await(restore::seal);
        room.await(() -> restore.clear(seed.sale, DAY));

        room.await(() -> restore.stock(written));
        List<StockedSku> read = room.await(() -> new LaneContents(room.calls, next).stock(unreadable -> {}));

        assertThat(read)
                .extracting(StockedSku::count)
                .isEqualTo(written.stream().map(StockedSku::count).toList());
        assertThat(read).extracting(sku -> sku.rules().productId()).containsExactly("shoe", "shoe");
    }

    @Test
    void longEntriesGoInMoreCalls() {
        List<String> texts = List.of("a".repeat(20_000), "b".repeat(20_000), "c", "d", "e");

        assertThat(LaneRestore.inCalls(2, texts, List::add))
                .containsExactly(
                        List.of(texts.get(0)),
                        List.of(texts.get(1), texts.get(2)),
                        List.of(texts.get(3), texts.get(4)));
        assertThat(LaneRestore.inCalls(2, List.<String>of(), List::add)).isEmpty();
    }

    @Test
    void aForeignEntryInTheLedgerDoesNotKeepALaneFromBeginningAnew() {
        String ledger = LaneKeys.of(next).ledger();
        assertThat(room.look().xadd(ledger, Map.of("x", "y"))).isNotEmpty();
        room.await(restore::seal);

        room.await(() -> restore.clear(seed.sale, DAY));
        room.await(restore::open);

        assertThat(room.await(() -> room.stream.read(next, 0, 10)))
                .extracting(entry -> (Object) entry.getClass())
                .containsExactly(LedgerEntry.Rebuilt.class, LedgerEntry.SaleSet.class);
    }

    @ParameterizedTest
    @CsvSource({
        "RESTORE_STOCK, capacity, 'A,9,9,1,0,1,1,0,,0,0,'",
        "RESTORE_STOCK, capacity, 'A,1e3,9,1,0,1,1,0,,0,0,'",
        "RESTORE_STOCK, version, 'A,9,9,0,0,0,1,0,,0,0,'",
        "RESTORE_STOCK, customer_limit, 'A,9,9,0,0,1,1,-1,,0,0,'",
        "RESTORE_STOCK, pending, 'A,9,9,0,0,1,1,0,,x,0,'",
        "RESTORE_HOLDS, state, 'key,X,1,0,1,1,f,c,A 1'",
        "RESTORE_HOLDS, revision, 'key,H,0,0,1,1,f,c,A 1'",
        "RESTORE_HOLDS, held_at, 'key,H,1,nan,1,1,f,c,A 1'",
        "RESTORE_BUYERS, units, 'c,A'",
        "RESTORE_BUYERS, units, 'c|A,1 A'"
    })
    void whatTheBooksCannotHaveIsABadArgument(Script script, String name, String arguments) {
        room.await(restore::seal);
        room.await(() -> restore.clear(seed.sale, DAY));

        Throwable failure = room.failureOf(() -> room.calls.call(script, next, arguments.split(",", -1)));

        assertThat(failure).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(name);
        assertThat(room.look()
                        .exists(
                                LaneKeys.of(next).stock(),
                                LaneKeys.of(next).holds(),
                                LaneKeys.of(next).buyers()))
                .isZero();
    }

    private void assertNoLane(Lane lane) {
        assertThat(room.failureOf(() -> room.step.stock(lane))).hasMessageContaining("Redis does not have it");
        assertThat(room.failureOf(() -> seed.tryHold(seed.newId(), "zoe", cart("A", 1), null)))
                .isInstanceOf(StaleLane.class);
    }

    private static <T> void twice(Supplier<Future<T>> step) {
        room.await(step);
        room.await(step);
    }
}
