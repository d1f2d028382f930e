package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.HoldOutcome;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.SkuRules;
import dev.holdfast.reservation.StaleLane;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.StockCounts;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.support.TestServers;
import io.lettuce.core.XAddArgs;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class StockFollowersTest {

    /** More than one step counts. */
    private static final int MANY = 700;

    private static RedisRoom room;

    /** Its own, because what it is asked is counted. */
    @BeforeAll
    static void connect() {
        room = RedisRoom.at(TestServers.ownRedis().uri());
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void thousandsWhoAskAtOnceCostTwoLooks() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.count("A");
        room.look().configResetstat();

        List<StockCounts> answers = room.await(() -> Future.join(IntStream.range(0, 4000)
                        .mapToObj(i -> room.step.stock(seed.lane))
                        .toList())
                .map(all -> all.<StockCounts>list()));

        assertThat(answers)
                .hasSize(4000)
                .allSatisfy(counts ->
                        assertThat(counts.all()).containsExactly(new StockCount(new Sku("A"), 9, 9, 0, 0, 1)));
        assertThat(calls("evalsha")).isEqualTo(2);
    }

    @Test
    void whoHeldAndThenAsksSeesItInASmallSaleAndInALargeOne() {
        for (RedisSeed seed : List.of(RedisSeed.openSale(room).stock("SKU-5", 9), large())) {
            for (int held = 1; held <= 5; held++) {
                seed.held("buyer-" + held, "SKU-5", 1);

                StockCounts seen = stock(seed);

                assertThat(seen.of(new Sku("SKU-5")))
                        .hasValue(new StockCount(new Sku("SKU-5"), 9, 9 - held, held, 0, 1));
            }
        }
    }

    @Test
    void aNodeSeesWhatWasSoldAtAnother() {
        RedisSeed seed = large();
        stock(seed);
        try (RedisRoom other = RedisRoom.at(room.uri())) {
            HoldOutcome held = other.await(() -> seed.tryHoldAt(other, "SKU-7", 4));
            assertThat(held).isInstanceOf(HoldOutcome.Held.class);

            assertThat(stock(seed).of(new Sku("SKU-7")).orElseThrow().held()).isEqualTo(4);
        }
    }

    @Test
    void aLookAtALargeSaleCostsByWhatHasChanged() {
        RedisSeed seed = large();
        StockCounts first = stock(seed);
        seed.held("ann", "SKU-3", 2);
        room.look().configResetstat();

        StockCounts second = stock(seed);
        StockCounts third = stock(seed);

        assertThat(first.all()).hasSize(MANY);
        assertThat(second.of(new Sku("SKU-3")).orElseThrow().available()).isEqualTo(7);
        assertThat(third).as("where nothing has changed it is the same").isSameAs(second);
        assertThat(calls("hscan")).as("nothing is counted anew").isZero();
        assertThat(calls("xrange")).isEqualTo(1);
        assertThat(calls("evalsha")).isEqualTo(2);
    }

    @Test
    void whatIsDueCountsAsExpiredInALargeSaleToo() {
        RedisSeed seed = large();
        stock(seed);
        for (int i = 0; i < 230; i++) {
            seed.held("buyer-" + i, "SKU-" + i, 1);
        }
        assertThat(stock(seed).all().stream().mapToLong(StockCount::held).sum()).isEqualTo(230);

        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        assertThat(stock(seed).all())
                .allSatisfy(count -> assertThat(count.available()).isEqualTo(count.capacity()));
        StockAssert.assertConsistent(seed);
    }

    @Test
    void thousandsThatFallDueAtOnceCountAsExpiredInTheNextLook() {
        RedisSeed seed = large();
        stock(seed);
        int holds = 5_300;
        room.await(() -> Future.join(IntStream.range(0, holds)
                .mapToObj(i -> seed.tryHold(seed.newId(), "buyer-" + i, RedisSeed.cart("SKU-" + i % MANY, 1), null))
                .toList()));
        assertThat(stock(seed).all().stream().mapToLong(StockCount::held).sum()).isEqualTo(holds);

        seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));

        assertThat(stock(seed).all())
                .allSatisfy(count -> assertThat(count.available()).isEqualTo(count.capacity()));
    }

    @Test
    void whereTheLedgerIsTrimmedSkusAreCountedAnew() {
        RedisSeed seed = large();
        stock(seed);
        seed.held("ann", "SKU-3", 2);
        seed.held("bob", "SKU-4", 1);
        room.look().xtrim(seed.keys().ledger(), false, 1);

        StockCounts counts = stock(seed);

        assertThat(counts.of(new Sku("SKU-3")).orElseThrow().held()).isEqualTo(2);
        assertThat(counts.of(new Sku("SKU-4")).orElseThrow().held()).isEqualTo(1);
    }

    @Test
    void aSkuThatIsNewIsTold() {
        RedisSeed seed = large();
        stock(seed);

        seed.stock("NEW", 12);

        assertThat(stock(seed).of(new Sku("NEW"))).hasValue(new StockCount(new Sku("NEW"), 12, 12, 0, 0, 1));
        assertThat(stock(seed).all())
                .extracting(count -> count.sku().value())
                .hasSize(MANY + 1)
                .isSorted();
    }

    @Test
    void anEntryThatCannotBeReadHasSkusCountedAnew() {
        RedisSeed seed = large();
        stock(seed);
        long next = 1 + seed.ledger().getLast().seq();
        room.look()
                .xadd(
                        seed.keys().ledger(),
                        new XAddArgs().id(seed.lane.epoch() + "-" + next),
                        Map.of("e", "an entry of tomorrow"));
        room.look().hset(seed.keys().sale(), "seq", "" + next);
        room.look().hset(seed.keys().stock(), Map.of("SKU-1|available", "8", "SKU-1|sold", "1"));

        assertThat(stock(seed).of(new Sku("SKU-1"))).hasValue(new StockCount(new Sku("SKU-1"), 9, 8, 0, 1, 1));
    }

    @RepeatedTest(3)
    void whatIsFollowedIsWhatRedisCountsWhateverHappens() {
        long numbersFrom = System.nanoTime();
        Random random = new Random(numbersFrom);
        RedisSeed seed = large();
        List<Reservation> held = new ArrayList<>();
        Map<String, Integer> versions = new HashMap<>();
        int adjustments = 0;
        for (int step = 0; step < 400; step++) {
            String sku = "SKU-" + random.nextInt(12);
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> {
                    if (seed.hold("buyer-" + random.nextInt(5), sku, 1, "SKU-" + (20 + random.nextInt(5)), 2)
                            instanceof HoldOutcome.Held done) {
                        held.add(done.reservation());
                    }
                }
                case 4 -> some(random, held).forEach(seed::confirm);
                case 5 -> some(random, held).forEach(seed::release);
                case 6 ->
                    some(random, held).forEach(one -> {
                        if (seed.replace(one, sku, 1 + random.nextInt(3)) instanceof ChangeOutcome.Done done
                                && done.reservation().state() == ReservationState.HELD) {
                            held.add(done.reservation());
                        }
                    });
                case 7 -> some(random, held).forEach(one -> seed.extend(one, 30));
                case 8 -> seed.advance(Duration.ofSeconds(random.nextInt(40)));
                case 9 -> {
                    int version = versions.merge(sku, 1, Integer::sum);
                    Reply reply = seed.call(
                            Script.ADJUST,
                            sku,
                            "" + ++adjustments,
                            "id",
                            "" + (version + 1),
                            "" + random.nextInt(30),
                            "1");
                    if (!reply.word().equals("ADJUSTED")) {
                        versions.merge(sku, -1, Integer::sum);
                    }
                }
                case 10 -> seed.stock("NEW-" + random.nextInt(30), random.nextInt(9));
                default -> stock(seed);
            }
        }

        StockCounts followed = stock(seed);

        StockCounts counted =
                room.await(() -> new StockFollowers(room.calls, room.stream, Future::succeededFuture).read(seed.lane));
        assertThat(followed.all()).as("numbers from %d", numbersFrom).isEqualTo(counted.all());
        StockAssert.assertConsistent(seed);
    }

    @Test
    void whatNodesTakeOfMemoryIsBoundedAndWhatWasGivenUpIsCountedAnew() {
        StockFollowers small = new StockFollowers(room.calls, room.stream, Future::succeededFuture, 400L * MANY);
        RedisSeed one = large();
        RedisSeed two = large();
        RedisSeed three = RedisSeed.openSale(room).stock("A", 3);

        for (int round = 0; round < 2; round++) {
            assertThat(room.await(() -> small.read(one.lane)).all()).hasSize(MANY);
            assertThat(room.await(() -> small.read(three.lane)).all()).hasSize(1);
            assertThat(room.await(() -> small.read(two.lane)).all()).hasSize(MANY);
            assertThat(room.<Integer>await(() -> Future.succeededFuture(small.size())))
                    .isEqualTo(2);
        }
    }

    @Test
    void moreReadersThanMayWaitAreSentAwayAndTheOthersAnswered() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);

        List<Future<StockCounts>> asked = room.await(() -> Future.succeededFuture(IntStream.range(0, 9_000)
                .mapToObj(i -> room.step.stock(seed.lane))
                .toList()));
        room.await(() -> Future.join(asked).otherwiseEmpty());

        assertThat(asked.stream().filter(Future::succeeded)).hasSize(8_192);
        assertThat(asked.stream().filter(Future::failed))
                .allSatisfy(refused -> ScriptCallsTest.assertReason(refused.cause(), Unavailable.Reason.OVERLOADED));
    }

    @Test
    void aLaneThatIsGoneFailsForAllWhoAskAndAnotherEpochIsAnotherLane() {
        RedisSeed seed = large();
        stock(seed);
        Lane next = new Lane(seed.lane.saleId(), 0, seed.lane.epoch() + 1);
        room.await(() -> room.setup.setSale(next, seed.sale, true));
        room.await(
                () -> room.setup.setStock(next, new SkuRules(new Sku("B"), 4, null, Map.of(), null, 0, null, null, 1)));

        assertThat(room.failureOf(() -> room.step.stock(seed.lane))).isInstanceOf(StaleLane.class);
        assertThat(room.failureOf(() -> room.step.stock(seed.lane))).isInstanceOf(StaleLane.class);
        assertThat(room.await(() -> room.step.stock(next)).all())
                .containsExactly(new StockCount(new Sku("B"), 4, 4, 0, 0, 1));
    }

    @Test
    void aLaneThatIsNotTrustedIsNotRead() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        StockFollowers distrusting =
                new StockFollowers(room.calls, room.stream, lane -> Future.failedFuture(new StaleLane(lane, "older")));
        room.look().configResetstat();

        assertThat(room.failureOf(() -> distrusting.read(seed.lane))).isInstanceOf(StaleLane.class);
        assertThat(calls("evalsha")).isZero();
    }

    @Test
    void countsThatWereRepairedAreCountedAnew() {
        RedisSeed seed = large();
        room.look().hset(seed.keys().stock(), "SKU-7|available", "8");
        assertThat(stock(seed).of(new Sku("SKU-7")).orElseThrow().available()).isEqualTo(8);
        LaneScan scan = new LaneScan(room.calls);

        room.await(() -> scan.repair(
                seed.lane, LaneScan.Part.STOCK, List.of(new LaneScan.Repair("SKU-7|available", "8", "9", null))));

        assertThat(stock(seed).of(new Sku("SKU-7")).orElseThrow().available()).isEqualTo(9);
    }

    @Test
    void aRepairThatIsNotOfStockIsFollowed() {
        RedisSeed seed = large();
        stock(seed);
        LaneScan scan = new LaneScan(room.calls);
        room.look().configResetstat();

        room.await(() -> scan.repair(
                seed.lane, LaneScan.Part.BUYERS, List.of(new LaneScan.Repair("ann", null, "1 SKU-7", null))));
        stock(seed);

        assertThat(calls("hscan")).isZero();
    }

    private static List<Reservation> some(Random random, List<Reservation> held) {
        return held.isEmpty() ? List.of() : List.of(held.remove(random.nextInt(held.size())));
    }

    private static RedisSeed large() {
        RedisSeed seed = RedisSeed.openSale(room);
        List<SkuRules> rules = IntStream.range(0, MANY)
                .mapToObj(i -> new SkuRules(new Sku("SKU-" + i), 9, "P", Map.of(), null, 0, null, null, 1))
                .toList();
        room.await(() -> room.setup.setStock(seed.lane, rules, Set.of()));
        return seed;
    }

    @CanIgnoreReturnValue
    private static StockCounts stock(RedisSeed seed) {
        return room.await(() -> room.step.stock(seed.lane));
    }

    /** Since they were reset. */
    private static int calls(String command) {
        Matcher matcher = Pattern.compile("cmdstat_" + command + ":calls=(\\d+)")
                .matcher(room.look().info("commandstats"));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
