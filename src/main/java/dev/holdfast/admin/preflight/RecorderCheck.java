package dev.holdfast.admin.preflight;

import java.util.List;

/** Does PostgreSQL keep up? */
final class RecorderCheck implements Check {

    /** What a recorder writes in a few transactions: more than that waits only where it stands still or is too slow. */
    private static final long MOST_WAITING = 1_000;

    @Override
    public List<Finding> findings(Evidence evidence) {
        if (!evidence.laneOpen()) {
            return List.of();
        }
        long waiting =
                evidence.redis().lastSeq().orElseThrow() - evidence.facts().recordedSeq();
        if (!evidence.facts().recording()) {
            return List.of(Finding.blocker(
                            "nobody-records",
                            "No node records the sale in PostgreSQL: its history waits in Redis alone.")
                    .with("waitingEntries", Math.max(0, waiting)));
        }
        return waiting <= MOST_WAITING
                ? List.of()
                : List.of(Finding.warning("recorder-lagging", "PostgreSQL is behind: the history waits in Redis.")
                        .with("waitingEntries", waiting));
    }
}
