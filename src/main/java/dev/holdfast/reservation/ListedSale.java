package dev.holdfast.reservation;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A sale with its lane, as PostgreSQL last told this node.
 *
 * @param restoringEnded whether the lane was rebuilt and Redis does not have all ended reservations again. That it is over may be heard of
 *     late, that it has begun may not: it begins with the lane's epoch, without which nobody can call the lane
 * @param receiptsFirstUntilNanos until when only receipts take units, by {@link System#nanoTime}; 0: never so. It begins with the lane's
 *     epoch, too
 */
public record ListedSale(
        Sale sale, Lane lane, LaneState laneState, boolean restoringEnded, long receiptsFirstUntilNanos) {

    /** One whose lane has all that it should have. */
    public ListedSale(Sale sale, Lane lane, LaneState laneState) {
        this(sale, lane, laneState, false, 0);
    }

    /** For how long only receipts take units, ms; 0 where everybody may. */
    public long receiptsFirstMs() {
        return receiptsFirstUntilNanos == 0
                ? 0
                : Math.max(0, TimeUnit.NANOSECONDS.toMillis(receiptsFirstUntilNanos - System.nanoTime()));
    }

    /** Whether the lane may sell. */
    public enum LaneState {
        /** Made in PostgreSQL, not yet in Redis. */
        PREPARING,
        /** Redis and PostgreSQL agree on its epoch. */
        OPEN,
        /** Redis lost history: nothing is sold until it is rebuilt. */
        RECOVERING,
        /** The books do not add up: nothing is sold until a person has looked. */
        FROZEN,
        /** It is being written anew from the books: nothing is sold until all of it is there. */
        REBUILDING,
        /** The sale is over for good: the books answer for it, and Redis does not have it any more. */
        RETIRED;

        /** For people. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
