package dev.holdfast.admin;

import dev.holdfast.ledger.AdminAction;
import dev.holdfast.ledger.FenceHolder;
import dev.holdfast.ledger.SaleFences;
import dev.holdfast.ledger.SaleIsLocked;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.Unavailable;
import dev.holdfast.reservation.Unavailable.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lock is Redisson's, the fence PostgreSQL's. One for a node; safe for all threads. */
public final class RedissonSaleLock implements SaleLock {

    private static final Logger LOG = LoggerFactory.getLogger(RedissonSaleLock.class);

    /** How long an operation waits for another one. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private final LazyRedisson redisson;
    private final SaleFences fences;
    private final Duration patience;

    /** Redisson's locks are re-entrant for a thread, and all operations of an event loop run on one: each is an owner of its own. */
    private final AtomicLong owners = new AtomicLong();

    /** Connects to this Redis when it is first used. */
    public RedissonSaleLock(Vertx vertx, String redisUri, SaleFences fences) {
        this(vertx, redisUri, fences, PATIENCE);
    }

    /** The same with another patience. */
    RedissonSaleLock(Vertx vertx, String redisUri, SaleFences fences, Duration patience) {
        this.redisson = new LazyRedisson(vertx, redisUri);
        this.fences = fences;
        this.patience = patience;
    }

    @Override
    public <T> Future<T> within(
            SaleId saleId, AdminAction action, Duration lease, Function<AdminAction, Future<T>> work) {
        return take(saleId, lease)
                .compose(grip -> claim(saleId, action, grip).compose(work).eventually(grip::giveBack));
    }

    /** Ends its connections to Redis, for good. */
    public Future<Void> close() {
        return redisson.close();
    }

    private Future<Grip> take(SaleId saleId, Duration lease) {
        Lock lock = new Lock("hf:{" + saleId + "}:lock", owners.incrementAndGet());
        return lock.take(lease).transform(asked -> {
            if (asked.succeeded()) {
                return asked.result() ? Future.succeededFuture(lock) : locked(saleId, Optional.empty());
            }
            LOG.warn(
                    "sale {} is changed without its lock: {}",
                    saleId,
                    asked.cause().getMessage());
            // It may have been taken all the same, by a request whose answer did not come.
            var unused = lock.giveBack();
            return Future.succeededFuture(new NoLock());
        });
    }

    /**
     * The token is read before Redis says that the lock is still this operation's, and claimed only where nobody claimed it since. So
     * whoever had the lock after this operation either claims the sale after it, or has been seen.
     */
    private Future<AdminAction> claim(SaleId saleId, AdminAction action, Grip grip) {
        return fences.last(saleId)
                .compose(last -> grip.isOurs()
                        .compose(ours -> ours ? fences.claim(saleId, last, action) : locked(saleId, last)));
    }

    /** Told by who claimed the sale last, unless that is {@code seen}, who is over, or nobody. */
    private <T> Future<T> locked(SaleId saleId, Optional<FenceHolder> seen) {
        return fences.last(saleId)
                .compose(now -> Future.failedFuture(
                        now.isEmpty() || now.equals(seen)
                                ? new Unavailable(Reason.OVERLOADED, "sale " + saleId + " was not had in time", null)
                                : new SaleIsLocked(saleId, now.get())));
    }

    /** What an operation has of a sale's lock. */
    private sealed interface Grip {

        /** Whether nobody else can have had it since it was taken. */
        Future<Boolean> isOurs();

        /** Never fails: what cannot be given back ends by itself. */
        Future<Void> giveBack();
    }

    /** Redis cannot be asked: the order of the tokens decides. */
    private record NoLock() implements Grip {

        @Override
        public Future<Boolean> isOurs() {
            return Future.succeededFuture(true);
        }

        @Override
        public Future<Void> giveBack() {
            return Future.succeededFuture();
        }
    }

    private final class Lock implements Grip {

        private final String key;
        private final long owner;

        Lock(String key, long owner) {
            this.key = key;
            this.owner = owner;
        }

        Future<Boolean> take(Duration lease) {
            return redisson.tryLock(key, owner, patience, lease);
        }

        @Override
        public Future<Boolean> isOurs() {
            return redisson.isHeld(key, owner)
                    .recover(failure -> Future.failedFuture(
                            new Unavailable(Reason.REDIS_UNAVAILABLE, "ask for lock " + key, failure)));
        }

        @Override
        public Future<Void> giveBack() {
            return redisson.unlock(key, owner).recover(failure -> {
                LOG.debug("lock {} was not given back: {}", key, failure.getMessage());
                return Future.succeededFuture();
            });
        }
    }
}
