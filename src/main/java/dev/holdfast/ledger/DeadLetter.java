package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/**
 * An entry of the ledger that could not be recorded.
 *
 * @param place where it stood in the ledger
 * @param reservationId that it is about; null for none, or where that is not known
 * @param entry as it stood in Redis, a NUL as \u0000
 * @param problem why it could not be recorded
 * @param stopsTheLane whether the books differ from Redis without it
 * @param atMs when it was put aside, ms since 1970 by PostgreSQL's clock
 * @param settlement what became of it; null while it waits
 */
public record DeadLetter(
        long id,
        String saleId,
        LedgerPlace place,
        @Nullable String reservationId,
        String entry,
        String problem,
        boolean stopsTheLane,
        long atMs,
        @Nullable Settlement settlement) {

    /** What became of it. */
    public enum State {
        /** Someone has to look at it. */
        WAITING,
        /** What it says is in the books. */
        REPLAYED,
        /** Someone said that it is not wanted. */
        DISCARDED
    }

    /**
     * What someone did with it.
     *
     * @param state REPLAYED or DISCARDED
     * @param mendedEntry what was replayed in its place; null where that was the entry as it was, or where it was discarded
     * @param tookEffect whether the books changed by it
     * @param atMs ms since 1970 by PostgreSQL's clock
     * @param by the actor, as in the audit trail
     */
    public record Settlement(
            State state, @Nullable String mendedEntry, boolean tookEffect, long atMs, String by, String reason) {}

    /** WAITING as long as nobody has settled it. */
    public State state() {
        return settlement == null ? State.WAITING : settlement.state();
    }
}
