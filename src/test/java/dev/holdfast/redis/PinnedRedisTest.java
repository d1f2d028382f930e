package dev.holdfast.redis;

import static dev.holdfast.redis.ScriptCallsTest.assertReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.dev.FreePort;
import dev.holdfast.dev.LocalRedis;
import dev.holdfast.reservation.Unavailable.Reason;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.net.URI;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class PinnedRedisTest {

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final Context context = ((VertxInternal) vertx).createEventLoopContext();

    @AfterEach
    void closeVertx() {
        TestWait.of(vertx.close());
    }

    @Test
    void whereRedisIsAwayConnectingFailsAndNamesTheHostButNotThePassword() {
        int port = FreePort.any();
        PinnedRedis redis = PinnedRedis.on(context, RedisSettings.of("redis://:hush@127.0.0.1:" + port));

        assertThatThrownBy(() -> TestWait.of(redis.connect()))
                .satisfies(failure -> assertReason(failure, Reason.REDIS_UNAVAILABLE))
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("refused")
                .hasMessageNotContaining("hush");
        assertThat(redis.connected()).isFalse();
        assertThat(redis.generation()).isZero();
        TestWait.of(redis.close());
    }

    @Test
    void passwordAndDatabaseAreTakenFromTheUri() {
        LocalRedis server = TestServers.ownRedis();
        try (RedisRoom room = RedisRoom.at(server.uri())) {
            room.look().configSet("requirepass", "hush");
        }
        PinnedRedis wrong = PinnedRedis.on(context, RedisSettings.of("redis://:other@127.0.0.1:" + server.port()));
        PinnedRedis right =
                PinnedRedis.on(context, RedisSettings.of("redis://:hush@127.0.0.1:" + server.port() + "/3"));

        // Where the client closes the connection before it has read why it was refused, it can only tell that it was
        // closed.
        await().untilAsserted(() ->
                assertThatThrownBy(() -> TestWait.of(wrong.connect())).hasMessageContaining("WRONGPASS"));
        TestWait.of(right.connect());
        String client = TestWait.of(right.send("test", Effect.READS, commands -> commands.clientInfo()));

        assertThat(client).contains(" db=3 ");
        TestWait.of(wrong.close());
        TestWait.of(right.close());
    }

    @Test
    void answersArriveOnTheContextsOwnLoopAndThread() {
        PinnedRedis redis = PinnedRedis.on(context, RedisSettings.of(TestServers.redisUri()));
        TestWait.of(redis.connect());

        List<Object> seen = TestWait.of(redis.send("test", Effect.READS, commands -> commands.ping())
                .map(pong -> List.of(Vertx.currentContext(), Thread.currentThread())));
        List<Object> home = TestWait.of(Future.<List<Object>>future(promise -> context.runOnContext(
                start -> promise.complete(List.of(Vertx.currentContext(), Thread.currentThread())))));

        assertThat(seen).isEqualTo(home);
        TestWait.of(redis.close());
    }

    @Test
    void noThreadIsStartedForRedis() {
        PinnedRedis redis = PinnedRedis.on(context, RedisSettings.of(TestServers.redisUri()));
        List<String> before = lettuceThreads();

        TestWait.of(redis.connect());
        String pong = TestWait.of(redis.send("test", Effect.READS, commands -> commands.ping()));

        assertThat(pong).isEqualTo("PONG");
        assertThat(before).containsAll(lettuceThreads());
        TestWait.of(redis.close());
    }

    @Test
    void everyConnectionMadeIsAnotherGeneration() {
        LocalRedis server = TestServers.ownRedis();
        PinnedRedis redis = PinnedRedis.on(context, RedisSettings.of(server.uri()));
        TestWait.of(redis.connect());
        long first = redis.generation();

        server.kill();
        Awaitility.await().until(() -> !redis.connected());
        assertThatThrownBy(() -> TestWait.of(redis.send("test", Effect.CHANGES, commands -> commands.ping())))
                .satisfies(failure -> assertReason(failure, Reason.REDIS_UNAVAILABLE));
        server.restart();
        Awaitility.await().until(redis::connected);
        String pong = TestWait.of(redis.send("test", Effect.CHANGES, commands -> commands.ping()));

        assertThat(first).isEqualTo(1);
        assertThat(redis.generation()).isEqualTo(2);
        assertThat(pong).isEqualTo("PONG");
        TestWait.of(redis.close());
        assertThat(redis.connected()).isFalse();
    }

    @Test
    void theLoopLivesOnWhenTheConnectionIsClosed() {
        PinnedRedis redis = PinnedRedis.on(context, RedisSettings.of(TestServers.redisUri()));
        TestWait.of(redis.connect());

        TestWait.of(redis.close());
        String alive = TestWait.of(Future.future(promise -> context.runOnContext(start -> promise.complete("alive"))));

        assertThat(alive).isEqualTo("alive");
        assertThatThrownBy(() -> TestWait.of(redis.send("test", Effect.CHANGES, commands -> commands.ping())))
                .satisfies(failure -> assertReason(failure, Reason.REDIS_UNAVAILABLE));
    }

    @Test
    void aLoopOfAnotherTransportIsRefusedWithTheRemedy() {
        Vertx nio = Vertx.vertx(new VertxOptions().setPreferNativeTransport(!OneLoop.usesNativeSockets()));
        Context onNio = ((VertxInternal) nio).createEventLoopContext();
        Assumptions.assumeTrue(OneLoop.usesNativeSockets());

        assertThatThrownBy(() -> PinnedRedis.on(onNio, RedisSettings.of(TestServers.redisUri())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("setPreferNativeTransport(true)");
        TestWait.of(nio.close());
    }

    @Test
    void settingsThatCannotWorkAreRefusedWithoutTheirPassword() {
        assertThatThrownBy(() -> RedisSettings.of("http://:hush@example.org"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("redis://")
                .hasMessageNotContaining("hush");
        assertThat(RedisSettings.of("redis://:hush@example.org").toString()).doesNotContain("hush");
        assertThat(URI.create(TestServers.redisUri()).getScheme()).isEqualTo("redis");
    }

    private static List<String> lettuceThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("lettuce") || name.startsWith("parallel"))
                .toList();
    }
}
