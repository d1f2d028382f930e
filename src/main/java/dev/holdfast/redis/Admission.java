package dev.holdfast.redis;

import io.vertx.core.Future;

/** Decides whether a connection may be used: it is asked before anything else of every connection that is made. Safe for all threads. */
public interface Admission {

    /** Every Redis is as good as another. */
    Admission OF_ANY = (redis, found) -> Future.succeededFuture();

    /** Fails with {@link dev.holdfast.reservation.Unavailable} where what this connection reaches must not be used. */
    Future<Void> judge(PinnedRedis redis, Identity found);

    /** This connection is given up, because what it reaches is a replica now: so may be what others of this node reach. */
    default void left(PinnedRedis redis) {}

    /** Whether another connection of this node is refused: then this one is not to be used either. */
    default boolean isRefused() {
        return false;
    }
}
