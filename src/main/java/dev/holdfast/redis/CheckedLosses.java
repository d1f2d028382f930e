package dev.holdfast.redis;

import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import io.vertx.core.Future;

/**
 * Reports a lane as lost only after this connection was looked at once more: a Redis that is not this deployment's does not have its
 * lanes, and nothing is lost by that.
 */
public final class CheckedLosses implements LaneBook {

    private final PinnedRedis redis;
    private final LaneBook book;

    /** The connection on which the loss was found, and where it is to be reported. */
    public CheckedLosses(PinnedRedis redis, LaneBook book) {
        this.redis = redis;
        this.book = book;
    }

    @Override
    public Future<Cursor> cursor(Lane lane) {
        return book.cursor(lane);
    }

    /** Fails with {@link dev.holdfast.reservation.Unavailable} where this is not the Redis of the deployment, or it does not answer. */
    @Override
    public Future<Void> reportLost(Lane lane, String why) {
        return redis.look().compose(ours -> book.reportLost(lane, why));
    }
}
