package dev.holdfast.comparison.design;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Redisson's RLock; who does not get it waits for the message that it is free. */
final class RLockPerProduct implements ProductLock {

    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final RedissonClient redisson;

    /** RLock is re-entrant for a thread id, and an event loop is one thread: each operation gets an id of its own. */
    private final AtomicLong operations = new AtomicLong();

    RLockPerProduct(Vertx vertx, String redisUri) {
        this.vertx = vertx;
        Config config = new Config();
        // A lock script that is sent again after a time-out would count its own lock as taken twice.
        config.useSingleServer().setAddress(redisUri).setRetryAttempts(0);
        redisson = Redisson.create(config);
    }

    @Override
    public <T> Future<Optional<T>> under(String saleId, String sku, Supplier<Future<T>> step) {
        RLock lock = redisson.getLock(ProductLock.nameOf(saleId, sku));
        long operation = operations.incrementAndGet();
        return future(lock.tryLockAsync(PATIENCE.toMillis(), LEASE.toMillis(), TimeUnit.MILLISECONDS, operation))
                .compose(taken -> taken
                        ? step.get().map(Optional::of).eventually(() -> future(lock.unlockAsync(operation)))
                        : Future.succeededFuture(Optional.empty()));
    }

    private <T> Future<T> future(CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext());
    }

    @Override
    public Future<Void> close() {
        return vertx.executeBlocking(() -> {
                    redisson.shutdown();
                    return true;
                })
                .mapEmpty();
    }
}
