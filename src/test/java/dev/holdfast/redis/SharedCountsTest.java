package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SharedCountsTest {

    private static final Lane LANE = new Lane(new SaleId("s"), 0, 1);

    private static RedisRoom room;

    private final BlockingQueue<Promise<List<StockCount>>> started = new LinkedBlockingQueue<>();
    private final SharedCounts counts = new SharedCounts(room.redis, lane -> {
        Promise<List<StockCount>> count = Promise.promise();
        started.add(count);
        return count.future();
    });

    @BeforeAll
    static void connect() {
        room = RedisRoom.at(TestServers.ownRedis().uri());
    }

    @AfterAll
    static void disconnect() {
        room.close();
    }

    @Test
    void whoAsksWhileACountIsUnderWaySharesTheNextOne() throws Exception {
        Future<List<StockCount>> first = ask();
        Promise<List<StockCount>> before = nextStarted();
        Future<List<StockCount>> second = ask();
        Future<List<StockCount>> third = ask();

        before.complete(available(9));
        nextStarted().complete(available(8));

        assertThat(room.await(() -> first)).isEqualTo(available(9));
        assertThat(room.await(() -> second)).isEqualTo(available(8));
        assertThat(room.await(() -> third)).isEqualTo(available(8));
        assertThat(started).isEmpty();
    }

    @Test
    void aCountThatFailsFailsForAllWhoShareItAndForNobodyElse() throws Exception {
        Future<List<StockCount>> first = ask();
        Promise<List<StockCount>> before = nextStarted();
        Future<List<StockCount>> second = ask();
        Future<List<StockCount>> third = ask();

        before.fail("broken");
        nextStarted().fail("broken again");
        Throwable firstFailure = room.failureOf(() -> first);
        Throwable secondFailure = room.failureOf(() -> second);
        Throwable thirdFailure = room.failureOf(() -> third);
        Future<List<StockCount>> later = ask();
        nextStarted().complete(available(7));

        assertThat(List.of(firstFailure, secondFailure, thirdFailure))
                .extracting(Throwable::getMessage)
                .containsExactly("broken", "broken again", "broken again");
        assertThat(room.await(() -> later)).isEqualTo(available(7));
    }

    @Test
    void moreAskersThanAConnectionHasRequestsAreSentAway() throws Exception {
        Future<List<StockCount>> first = ask();
        List<Future<List<StockCount>>> waiting = room.await(() -> Future.succeededFuture(
                IntStream.range(0, 4096).mapToObj(i -> counts.count(LANE)).toList()));

        Throwable oneMore = room.failureOf(() -> counts.count(LANE));
        nextStarted().complete(available(9));
        nextStarted().complete(available(8));
        room.await(() -> first);

        ScriptCallsTest.assertReason(oneMore, Unavailable.Reason.OVERLOADED);
        assertThat(room.await(() -> Future.all(waiting)).<List<StockCount>>list())
                .containsOnly(available(8));
    }

    @Test
    void thousandsWhoAskAtOnceCostTwoCallsOfRedis() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.count("A");
        room.look().configResetstat();

        List<List<StockCount>> answers = room.await(() -> Future.join(IntStream.range(0, 4000)
                        .mapToObj(i -> room.step.count(seed.lane, null))
                        .toList())
                .map(all -> all.<List<StockCount>>list()));

        assertThat(answers).hasSize(4000).containsOnly(available(9));
        assertThat(room.look().info("commandstats")).contains("cmdstat_evalsha:calls=2,");
    }

    @Test
    void whoHeldAndThenAsksSeesItAndTheNextCountWaitsItsTime() {
        RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
        seed.count("A");
        room.await(() -> room.step.count(seed.lane, null));
        long start = System.nanoTime();

        for (int held = 1; held <= 5; held++) {
            seed.held("buyer-" + held, "A", 1);
            List<StockCount> seen = room.await(() -> room.step.count(seed.lane, null));

            assertThat(seen).containsExactly(new StockCount(new Sku("A"), 9, 9 - held, held, 0, 1));
        }

        // Four intervals lie between five counts; Netty's timers may be a millisecond early.
        assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(390));
    }

    private Future<List<StockCount>> ask() {
        return room.await(() -> Future.succeededFuture(counts.count(LANE)));
    }

    private Promise<List<StockCount>> nextStarted() throws InterruptedException {
        Promise<List<StockCount>> next = started.poll(TestWait.LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(next).as("a count that was started").isNotNull();
        return next;
    }

    private static List<StockCount> available(long units) {
        return List.of(new StockCount(new Sku("A"), 9, units, 9 - units, 0, 1));
    }
}
