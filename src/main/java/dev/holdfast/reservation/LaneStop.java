package dev.holdfast.reservation;

import io.vertx.core.Future;

/**
 * Closes a lane in Redis, for all nodes at once. Nodes follow PostgreSQL's word on a lane a moment later than it is given: until then
 * Redis itself must refuse them.
 */
public interface LaneStop {

    /** From now on no call of this epoch finds the lane. Fails with {@link Unavailable} where Redis cannot be asked. */
    Future<Void> stop(Lane lane);
}
