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

    /** @param pending units that were to go as holds ended */
    record Applied(String id, long version, long pending) {}

    /** The same and what else was told. */
    ToldAdjustments and(ToldAdjustments more) {
        List<Applied> all = new ArrayList<>(applied);
        all.addAll(more.applied);
        return new ToldAdjustments(all, unknown + more.unknown);
    }
}
