package dev.holdfast.comparison.design;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** SET NX with an expiry and a token; who does not get it asks again a few milliseconds later. */
final class SetNxLock implements ProductLock {

    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Spread, or the waiting would come back all at once. */
    private static final int LONGEST_PAUSE_MS = 10;

    /** Only the owner may delete: after its lease ran out, the lock is another's. */
    private static final String RELEASE =
            "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";

    private final Vertx vertx;
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final RedisAsyncCommands<String, String> redis;

    SetNxLock(Vertx vertx, String redisUri) {
        this.vertx = vertx;
        client = RedisClient.create(RedisURI.create(redisUri));
        connection = client.connect();
        redis = connection.async();
    }

    @Override
    public <T> Future<Optional<T>> under(String saleId, String sku, Supplier<Future<T>> step) {
        String name = ProductLock.nameOf(saleId, sku);
        String token = UUID.randomUUID().toString();
        return take(name, token, System.nanoTime() + PATIENCE.toNanos())
                .compose(taken -> taken
                        ? step.get().map(Optional::of).eventually(() -> release(name, token))
                        : Future.succeededFuture(Optional.empty()));
    }

    private Future<Boolean> take(String name, String token, long untilNanos) {
        SetArgs ifFree = SetArgs.Builder.nx().px(LEASE);
        return future(redis.set(name, token, ifFree)).compose(reply -> {
            if (reply != null) {
                return Future.succeededFuture(true);
            }
            return System.nanoTime() - untilNanos > 0
                    ? Future.succeededFuture(false)
                    : pause().compose(paused -> take(name, token, untilNanos));
        });
    }

    private Future<Void> pause() {
        return vertx.timer(ThreadLocalRandom.current().nextInt(LONGEST_PAUSE_MS) + 1L, TimeUnit.MILLISECONDS)
                .mapEmpty();
    }

    private Future<Long> release(String name, String token) {
        return future(redis.eval(RELEASE, ScriptOutputType.INTEGER, new String[] {name}, token));
    }

    private <T> Future<T> future(CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
    }

    @Override
    public Future<Void> close() {
        connection.close();
        return future(client.shutdownAsync()).mapEmpty();
    }
}
