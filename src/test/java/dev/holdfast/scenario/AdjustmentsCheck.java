package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Adjustment;
import java.util.HashMap;
import java.util.Map;

/** Whether admins were told of their adjustments what the ledger says, and each acted once. */
final class AdjustmentsCheck {

    private final LedgerReplay replay;
    private final Violations violations;

    AdjustmentsCheck(LedgerReplay replay, Violations violations) {
        this.replay = replay;
        this.violations = violations;
    }

    /** First pass: between which moments each adjustment came into force. */
    void bound(ToldAdjustments told, RealTime realTime) {
        Map<String, Adjustment> done = new HashMap<>();
        replay.adjustments().forEach(adjustment -> done.put(adjustment.id(), adjustment));
        Map<String, Long> asked = new HashMap<>();
        told.applied().forEach(applied -> asked.merge(applied.id(), applied.startNanos(), Math::min));
        for (ToldAdjustments.Applied applied : told.applied()) {
            Adjustment adjustment = done.get(applied.id());
            if (adjustment != null) {
                realTime.notBefore(adjustment.seq(), asked.get(applied.id()));
                realTime.notAfter(adjustment.seq(), applied.endNanos());
            }
        }
    }

    /** Second pass. */
    void check(ToldAdjustments told) {
        Map<String, Adjustment> done = new HashMap<>();
        for (Adjustment adjustment : replay.adjustments()) {
            violations.addUnless(
                    done.put(adjustment.id(), adjustment) == null, "an adjustment acted twice", adjustment);
        }
        Map<String, ToldAdjustments.Applied> first = new HashMap<>();
        for (ToldAdjustments.Applied applied : told.applied()) {
            Adjustment adjustment = done.get(applied.id());
            violations.addUnless(
                    adjustment != null && adjustment.version() == applied.version(),
                    "told to be in force and not in the ledger so",
                    applied,
                    adjustment);
            ToldAdjustments.Applied earlier = first.putIfAbsent(applied.id(), applied);
            violations.addUnless(
                    earlier == null || earlier.saysTheSameAs(applied),
                    "a repetition was told otherwise",
                    applied,
                    earlier);
        }
        violations.addUnless(
                done.size() - first.size() <= told.unknown(),
                "adjusted and told to nobody",
                done.size(),
                first.size(),
                told.unknown());
        for (String sku : replay.skus()) {
            violations.addUnless(replay.pending(sku) == 0, "units that were to go never went", sku);
        }
    }
}
