package dev.holdfast.reservation;

/** A sale with its lane, as PostgreSQL last told this node. */
public record ListedSale(Sale sale, Lane lane, LaneState laneState) {

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
        RETIRED
    }
}
