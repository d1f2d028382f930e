package dev.holdfast.reservation;

import io.vertx.core.Future;

/** PostgreSQL's word on a lane: how far its history is recorded, and whether it may sell. */
public interface LaneBook {

    /** How far this epoch is committed; fails with {@link StaleLane} where PostgreSQL has another epoch, or does not let the lane sell. */
    Future<Cursor> cursor(Lane lane);

    /** Redis lost history: from now on no node sells on this lane until it is rebuilt. Repeating it changes nothing. */
    Future<Void> reportLost(Lane lane, String why);
}
