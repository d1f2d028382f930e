package dev.holdfast.ledger;

import org.jspecify.annotations.Nullable;

/**
 * How far a rebuild came.
 *
 * @param epoch that the lane was to get
 * @param phase what it does, or did last
 * @param openedAtMs when the lane sold again, ms since 1970; null where it does not yet
 * @param endedAtMs ms since 1970; null while it goes on, or where its node died
 * @param reservations live ones that Redis has again; null unless it is done
 * @param putAside ledger entries that the books could not take: they are among the dead letters
 * @param receiptsFirstUntilMs until when only receipts take units, ms since 1970; null where everybody may
 * @param problem why it failed; null unless it did
 */
public record RebuildReport(
        long epoch,
        State state,
        RebuildSource source,
        String reason,
        Phase phase,
        long startedAtMs,
        @Nullable Long openedAtMs,
        @Nullable Long endedAtMs,
        @Nullable Long reservations,
        long putAside,
        Findings findings,
        Ended ended,
        @Nullable Long receiptsFirstUntilMs,
        @Nullable String problem) {

    /** What became of it. */
    public enum State {
        RUNNING,
        DONE,
        FAILED
    }

    /**
     * How far it is in what it does.
     *
     * @param done of {@code total}; in units held while holds are restored, else in rows
     * @param total 0 where nobody has counted it
     */
    public record Phase(String name, long done, long total) {}

    /**
     * What the sides did not agree on.
     *
     * @param concluded entries that were added to the books for what Redis knew
     * @param discarded acknowledged reservations that were ended
     */
    public record Findings(long concluded, long discarded) {}

    /**
     * Ended reservations, which come back while the lane sells.
     *
     * @param restored so many so far
     * @param running whether there are more
     */
    public record Ended(long restored, boolean running) {}
}
