package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;

/**
 * What admins were told about their adjustments.
 *
 * @param applied those that were said to be in force
 * @param unknown how many more may be
 */
record ToldAdjustments(List<Applied> applied, long unknown) {

    static final ToldAdjustments NONE = new ToldAdjustments(List.of(), 0);

    /**
     * One that was said to be in force.
     *
     * @param pending units that were to go as holds ended
     * @param startNanos before it was asked for the first time
     * @param endNanos after the answer was there
     */
    record Applied(String id, long version, long pending, long startNanos, long endNanos) {

        /** Whether another answer says the same. */
        boolean saysTheSameAs(Applied other) {
            return id.equals(other.id) && version == other.version && pending == other.pending;
        }
    }

    /** The same and what else was told. */
    ToldAdjustments and(ToldAdjustments more) {
        List<Applied> all = new ArrayList<>(applied);
        all.addAll(more.applied);
        return new ToldAdjustments(all, unknown + more.unknown);
    }
}
