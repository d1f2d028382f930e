package dev.holdfast.reservation;

import io.vertx.core.Future;

/**
 * Whether Redis still has all that PostgreSQL has recorded of a lane. Asked anew after every reconnect, because a Redis that
 * came back may have come back with an older past.
 */
public interface LaneTrust {

    /** The lane, once it is known to be whole; fails with {@link StaleLane} where history is lost, else {@link Unavailable}. */
    Future<Lane> require(Lane lane);
}
