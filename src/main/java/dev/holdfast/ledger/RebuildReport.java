package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/**
 * How far a rebuild came.
 *
 * @param epoch that the lane was to get
 * @param endedAtMs ms since 1970; null while it goes on, or where its node died
 * @param reservations that Redis has again; null unless it is done
 * @param putAside ledger entries that the books could not take: they are among the dead letters
 * @param problem why it failed; null unless it did
 */
public record RebuildReport(
        long epoch,
        State state,
        String reason,
        long startedAtMs,
        @Nullable Long endedAtMs,
        @Nullable Long reservations,
        long putAside,
        @Nullable String problem) {

    /** What became of it. */
    public enum State {
        RUNNING,
        DONE,
        FAILED
    }
}
