package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dev.FreePort;
import dev.holdfast.reservation.ChangeOutcome;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import dev.holdfast.support.TestServers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ScriptCallsTest {

    @Test
    void everyScriptIsLoadedWhereRedisDoesNotHaveIt() {
        String uri = TestServers.ownRedis().uri();
        try (RedisRoom room = RedisRoom.at(uri)) {
            AtomicInteger flushes = new AtomicInteger();

            OneLife.live(room, () -> {
                room.look().scriptFlush();
                flushes.incrementAndGet();
            });

            assertThat(flushes.get()).isGreaterThanOrEqualTo(Script.values().length);
        }
    }

    @Test
    void manyCallsThatMissTheirScriptLoadItOnce() {
        String uri = TestServers.ownRedis().uri();
        try (RedisRoom room = RedisRoom.at(uri)) {
            RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
            room.look().scriptFlush();
            room.look().configResetstat();

            Reply counted = room.await(() -> Future.join(IntStream.range(0, 50)
                            .mapToObj(i -> room.calls.call(Script.STOCK, seed.lane))
                            .toList())
                    .map(all -> all.<Reply>resultAt(49)));

            assertThat(counted.text(1)).isEqualTo("A");
            assertThat(room.look().info("commandstats")).containsPattern("cmdstat_script\\|load:calls=1,");
        }
    }

    @Test
    void theScriptsPassOnACluster() {
        String uri = TestServers.ownRedis("cluster-enabled yes", "cluster-port " + FreePort.any())
                .uri();
        try (RedisRoom room = RedisRoom.at(uri)) {
            Throwable withoutSlots = room.failureOf(() -> room.stream.lastSeq(new Lane(new SaleId("s"), 0, 1)));
            room.look().clusterAddSlots(IntStream.rangeClosed(0, 16383).toArray());
            Awaitility.await().until(() -> room.look().clusterInfo().contains("cluster_state:ok"));

            OneLife.live(room, () -> {});

            assertReason(withoutSlots, Reason.REDIS_UNAVAILABLE);
        }
    }

    @Test
    void aFullRedisTakesNoNewHoldsButEndsThoseThereAre() {
        String uri = TestServers.ownRedis().uri();
        try (RedisRoom room = RedisRoom.at(uri)) {
            RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
            Reservation sold = seed.held("ann", "A", 1);
            Reservation given = seed.held("bob", "A", 1);
            seed.held("cid", "A", 1);
            room.look().configSet("maxmemory", "1");

            Throwable refused = room.failureOf(() -> seed.tryHold(seed.newId(), "dan", RedisSeed.cart("A", 1), null));
            ChangeOutcome found = seed.find(sold);
            ChangeOutcome confirmed = seed.confirm(sold);
            ChangeOutcome released = seed.release(given);
            seed.advance(Duration.ofMillis(RedisSeed.HOLD_MS));
            Reply swept = seed.call(Script.EXPIRE, "100");

            assertReason(refused, Reason.OVERLOADED);
            assertThat(List.of(found, confirmed, released)).hasOnlyElementsOfType(ChangeOutcome.Done.class);
            assertThat(swept.number(2)).isEqualTo(1);
            assertThat(seed.units("A")).containsExactly(8L, 0L, 1L);
            StockAssert.assertConsistent(seed);
        }
    }

    @Test
    void anAnswerThatNobodyKnowsFailsAndIsQuoted() {
        String uri = TestServers.redisUri();
        Scripts odd = Scripts.bundled().with(Map.of(Script.FIND, "#!lua\nreturn {'LOOKED', 'away'}"));
        try (RedisRoom room = new RedisRoom(RedisSettings.of(uri), uri, odd)) {
            RedisSeed seed = RedisSeed.openSale(room);

            Throwable failure = room.failureOf(() -> room.step.find(seed.lane, seed.newId()));

            assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessageContaining("LOOKED, away");
        }
    }

    @Test
    void aScriptThatBreaksIsNoUnavailableRedis() {
        String uri = TestServers.redisUri();
        Scripts broken = Scripts.bundled().with(Map.of(Script.FIND, "#!lua\nreturn nothing.at_all"));
        try (RedisRoom room = new RedisRoom(RedisSettings.of(uri), uri, broken)) {
            RedisSeed seed = RedisSeed.openSale(room);

            Throwable failure = room.failureOf(() -> room.step.find(seed.lane, seed.newId()));

            assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessageContaining("find.lua");
        }
    }

    @Test
    void whereMoreIsDueThanAllRoundsTakeBackTheCallerIsSentAway() {
        String uri = TestServers.ownRedis().uri();
        Scripts swamped = Scripts.bundled().with(Map.of(Script.HOLD, "#!lua\nreturn {'DECIDED', {'MORE_DUE'}}"));
        try (RedisRoom room = new RedisRoom(RedisSettings.of(uri), uri, swamped)) {
            RedisSeed seed = RedisSeed.openSale(room).stock("A", 9);
            room.failureOf(() -> seed.tryHold(seed.newId(), "ann", RedisSeed.cart("A", 1), null));
            room.look().configResetstat();

            Throwable failure = room.failureOf(() -> seed.tryHold(seed.newId(), "ann", RedisSeed.cart("A", 1), null));

            assertReason(failure, Reason.OVERLOADED);
            assertThat(room.look().info("commandstats")).contains("cmdstat_evalsha:calls=50,");
        }
    }

    static void assertReason(Throwable failure, Reason reason) {
        assertThat(failure).isInstanceOf(Unavailable.class);
        assertThat(((Unavailable) failure).reason()).as(failure.getMessage()).isEqualTo(reason);
    }
}
