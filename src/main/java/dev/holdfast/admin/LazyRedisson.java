package dev.holdfast.admin;

import dev.holdfast.redis.FreshNames;
import dev.holdfast.redis.RedisAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.LockOptions;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisMasterDownException;
import org.redisson.client.RedisReadonlyException;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's one Redisson client: connected when it is first needed, and again after that failed; closed by its owner. It has an event
 * loop and two connections of its own. Nothing here blocks the caller, and answers come on the caller's context.
 */
final class LazyRedisson {

    private static final Logger LOG = LoggerFactory.getLogger(LazyRedisson.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration ANSWER_TIMEOUT = Duration.ofMillis(500);

    /** With no attempts left it only sets the tick of Redisson's timer: half of it. */
    private static final Duration RETRY_DELAY = Duration.ofMillis(50);

    /** Asking again needs no subscription, which can fail by itself and would then look as if Redis were away. */
    private static final LockOptions.BackOff ASKING_AGAIN = new LockOptions.ConstantBackOff().delay(20);

    private final Vertx vertx;
    private final String uri;
    private @Nullable CompletableFuture<RedissonClient> client;
    private boolean closed;

    /** @param uri redis:// or rediss://, with user, password and database where needed */
    LazyRedisson(Vertx vertx, String uri) {
        this.vertx = vertx;
        this.uri = uri;
    }

    /** False where the lock was another owner's all the time. It ends by itself after the lease. */
    Future<Boolean> tryLock(String name, long owner, Duration patience, Duration lease) {
        return ask(
                connected(),
                name,
                lock -> lock.tryLockAsync(patience.toMillis(), lease.toMillis(), TimeUnit.MILLISECONDS, owner));
    }

    /** Whether the lock is this owner's now, and therefore was since it was taken. */
    Future<Boolean> isHeld(String name, long owner) {
        return ask(connected(), name, lock -> lock.isHeldByThreadAsync(owner));
    }

    /** Fails where the lock is not this owner's, or where there is no connection that it could have been taken on. */
    Future<Void> unlock(String name, long owner) {
        return ask(present(), name, lock -> lock.unlockAsync(owner));
    }

    /** Ends its threads and connections, for good. */
    Future<Void> close() {
        CompletionStage<Void> ended = last().thenCompose(RedissonClient::shutdownAsync);
        return onCallersContext(ended).otherwiseEmpty();
    }

    private <T> Future<T> ask(
            CompletableFuture<RedissonClient> from, String name, Function<RLock, CompletionStage<T>> question) {
        return onCallersContext(
                        from.thenCompose(connected -> question.apply(connected.getSpinLock(name, ASKING_AGAIN))))
                .onFailure(failure -> leaveReplica(from, failure));
    }

    /** A master that has become a replica keeps its connections: the name may lead to the new master, if it is connected to anew. */
    @SuppressWarnings("ReferenceEquality") // the one that failed, and not one that was made since
    private synchronized void leaveReplica(CompletableFuture<RedissonClient> from, Throwable failure) {
        Throwable error =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        boolean isReplica = error instanceof RedisReadonlyException || error instanceof RedisMasterDownException;
        if (isReplica && client == from && !closed) {
            client = null;
            LOG.warn("Redis is a replica now: locks are taken over new connections");
            var unused = onCallersContext(from.thenCompose(RedissonClient::shutdownAsync))
                    .onFailure(open -> LOG.debug("connections for locks did not end: {}", open.getMessage()));
        }
    }

    private <T> Future<T> onCallersContext(CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
    }

    private synchronized CompletableFuture<RedissonClient> connected() {
        if (client == null || (client.isCompletedExceptionally() && !closed)) {
            client = connect();
        }
        return client;
    }

    private synchronized CompletableFuture<RedissonClient> present() {
        return client == null ? CompletableFuture.failedFuture(new CancellationException("never connected")) : client;
    }

    private synchronized CompletableFuture<RedissonClient> last() {
        closed = true;
        client = present();
        return client;
    }

    /** Redisson waits for its first connection, and loads some hundreds of classes. */
    private CompletableFuture<RedissonClient> connect() {
        return vertx.executeBlocking(() -> Redisson.create(configFor(RedisAddress.of(uri))), false)
                .map(Objects::requireNonNull)
                .toCompletionStage()
                .toCompletableFuture();
    }

    private static Config configFor(RedisAddress address) {
        Config config = new Config()
                .setCodec(StringCodec.INSTANCE)
                .setNettyThreads(1)
                .setThreads(1)
                .setUsername(address.user())
                .setPassword(address.password());
        config.setReferenceEnabled(false);
        config.setAddressResolverGroupFactory(FreshNames::resolver);
        config.useSingleServer()
                .setAddress(address.server())
                .setDatabase(address.database())
                .setClientName("holdfast-locks")
                .setConnectionPoolSize(2)
                .setConnectionMinimumIdleSize(1)
                .setSubscriptionConnectionPoolSize(1)
                .setSubscriptionConnectionMinimumIdleSize(0)
                .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                .setTimeout((int) ANSWER_TIMEOUT.toMillis())
                // Sent again after a time-out, a script that did arrive would be executed twice.
                .setRetryAttempts(0)
                .setRetryDelay(new ConstantDelay(RETRY_DELAY));
        return config;
    }
}
