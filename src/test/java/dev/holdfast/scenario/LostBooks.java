package dev.holdfast.scenario;

import java.util.List;

/**
 * What PostgreSQL says of answers that Redis lost.
 *
 * @param filed what nodes told and wrote down when the lane stopped
 * @param findings of rebuilds, about reservations
 * @param losses incidents
 * @param reclaimMs for how long a hold that was put back waits for its receipt, ms
 */
record LostBooks(List<Filed> filed, List<Finding> findings, List<Loss> losses, long reclaimMs) {

    static final LostBooks NONE = new LostBooks(List.of(), List.of(), List.of(), 0);

    static final String PUT_BACK = "reservation-put-back";
    static final String ENDED = "reservation-ended";

    LostBooks {
        filed = List.copyOf(filed);
        findings = List.copyOf(findings);
        losses = List.copyOf(losses);
    }

    /**
     * The last state of a reservation that a node told in that epoch.
     *
     * @param isLost whether the books lack it now
     * @param inTime whether a rebuild that was done began after it was filed
     */
    record Filed(long epoch, String id, String state, long units, boolean isLost, boolean inTime) {}

    /** @param epoch that the rebuild gave to the lane */
    record Finding(long epoch, String kind, String id) {}

    /** An incident: so many answers of that epoch, over so many units, were lost when nodes had filed them. */
    record Loss(long epoch, long reservations, long units) {}

    /** How much there is of it, for people. */
    String summary() {
        return filed.size() + " answers filed, " + count(PUT_BACK) + " put back, " + count(ENDED) + " ended, "
                + filed.stream().filter(Filed::isLost).count() + " lost still";
    }

    /** How many findings of this kind there are. */
    long count(String kind) {
        return findings.stream().filter(finding -> finding.kind().equals(kind)).count();
    }

    /** Whether a rebuild lists this about it. */
    boolean isFound(String kind, String id) {
        return findings.stream()
                .anyMatch(finding -> finding.kind().equals(kind) && finding.id().equals(id));
    }
}
