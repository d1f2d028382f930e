package dev.holdfast.redis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.holdfast.metrics.Metrics;
import dev.holdfast.support.TestServers;
import dev.holdfast.support.TestWait;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.util.function.Supplier;

/** All that is needed to work on one Redis as the service does, and a plain connection to look at what it did. */
final class RedisRoom implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final Context context = ((VertxInternal) vertx).createEventLoopContext();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final PinnedRedis redis;
    final ScriptCalls calls;
    final RedisAtomicStep step;
    final LaneSetup setup;
    final RedisLedgerStream stream;
    private final String plainUri;
    private final RedisClient plainClient;
    private final StatefulRedisConnection<String, String> plain;

    /** The service's way goes to one URI, the plain look to another: a proxy may stand in the first. */
    RedisRoom(RedisSettings settings, String plainUri, Scripts scripts) {
        this(settings, plainUri, scripts, new Witnesses());
    }

    private RedisRoom(RedisSettings settings, String plainUri, Scripts scripts, Witnesses witnesses) {
        redis = PinnedRedis.on(context, settings);
        calls = new ScriptCalls(redis, scripts, witnesses);
        step = new RedisAtomicStep(calls, new Metrics(meters));
        setup = new LaneSetup(calls);
        stream = new RedisLedgerStream(calls);
        this.plainUri = plainUri;
        plainClient = RedisClient.create(plainUri);
        plain = plainClient.connect();
        await(() -> redis.connect());
        if (witnesses.clock().reading() == null) {
            await(() -> new ClockSampler(redis, witnesses.clock()).read());
        }
    }

    /** Waits for each reply as long as tests wait: what is tested there is not the time-out. */
    static RedisRoom at(String uri) {
        return new RedisRoom(patient(uri), uri, Scripts.bundled());
    }

    static RedisSettings patient(String uri) {
        RedisSettings usual = RedisSettings.of(uri);
        return new RedisSettings(uri, TestWait.LIMIT, TestWait.LIMIT, usual.requestQueueSize());
    }

    /** A node with its own memory, and its own clock. */
    static RedisRoom of(String uri, Scripts scripts, Witnesses witnesses) {
        return new RedisRoom(RedisSettings.of(uri), uri, scripts, witnesses);
    }

    /** On the Redis that all tests share. */
    static RedisRoom shared() {
        return at(TestServers.redisUri());
    }

    /** Another connection of the same node, by whatever way. */
    RedisRoom neighbour(RedisSettings settings) {
        return new RedisRoom(settings, plainUri, Scripts.bundled(), calls.witnesses());
    }

    RedisCommands<String, String> look() {
        return plain.sync();
    }

    Context context() {
        return context;
    }

    /** Makes the call on the event loop and waits for what comes of it. */
    @CanIgnoreReturnValue
    <T> T await(Supplier<Future<T>> call) {
        return TestWait.of(onLoop(call));
    }

    /** What the call fails with. */
    @CanIgnoreReturnValue
    Throwable failureOf(Supplier<? extends Future<?>> call) {
        return await(() -> call.get()
                .transform(done -> done.failed()
                        ? Future.succeededFuture(done.cause())
                        : Future.failedFuture(new AssertionError("did not fail, but answered " + done.result()))));
    }

    <T> Future<T> onLoop(Supplier<Future<T>> call) {
        return Future.future(promise -> context.runOnContext(start -> call.get().onComplete(promise)));
    }

    @Override
    public void close() {
        await(() -> redis.close());
        plain.close();
        plainClient.shutdown();
        vertx.close().await();
    }
}
