package dev.holdfast.reservation;

import io.vertx.core.Future;

/**
 * Whether Redis still has all that PostgreSQL has recorded of a lane. Asked anew after every reconnect, and whenever Redis turned out to
 * be another one, because a Redis that came back, or was a replica in between, may have an older past.
 */
public interface LaneTrust {

    /** The lane, once it is known to be whole; fails with {@link StaleLane} where history is lost, else {@link Unavailable}. */
    Future<Lane> require(Lane lane);

    /**
     * Looks whether Redis is still the one in which lanes were trusted; where it is not, none of them is trusted any more, on no
     * connection of the node. To be called twice a second. Fails with {@link Unavailable} where Redis must not be used.
     */
    default Future<Void> look() {
        return Future.succeededFuture();
    }
}
