package dev.holdfast.scenario;

import dev.holdfast.scenario.LedgerLine.Adjustment;
import dev.holdfast.scenario.LedgerLine.Change;
import dev.holdfast.scenario.LedgerLine.Shrinking;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the capacity of a SKU may do: each adjustment once and in order, and what is to go goes as holds end. */
final class CapacityRules {

    private final Violations violations;
    private final Map<String, Long> versions = new HashMap<>();
    private final Map<String, Long> numbers = new HashMap<>();
    private final Map<String, Long> pending = new HashMap<>();
    private final List<Adjustment> adjustments = new ArrayList<>();

    CapacityRules(Violations violations) {
        this.violations = violations;
    }

    List<Adjustment> adjustments() {
        return List.copyOf(adjustments);
    }

    /** @param after the SKU's counts after it */
    void check(Adjustment adjustment, Counts after) {
        String sku = adjustment.sku();
        adjustments.add(adjustment);
        long version = versions.getOrDefault(sku, 1L);
        violations.addUnless(adjustment.version() == version + 1, "a capacity skipped a version", version, adjustment);
        versions.put(sku, adjustment.version());
        Long last = numbers.put(sku, adjustment.number());
        violations.addUnless(last == null || last < adjustment.number(), "adjusted out of order", last, adjustment);
        long left = pending.merge(sku, adjustment.morePending(), Long::sum);
        violations.addUnless(left == adjustment.pending(), "another number is to go", left, adjustment);
        violations.addUnless(left == 0 || after.available() == 0, "units that were to go stayed", after, adjustment);
        violations.addUnless(after.capacity() - left >= after.sold(), "adjusted below what is sold", after, adjustment);
    }

    void check(Shrinking shrinking) {
        long left = pending.merge(shrinking.sku(), -shrinking.units(), Long::sum);
        violations.addUnless(left >= 0, "more went than was to go", left, shrinking);
    }

    /** Nobody gets units that are to go. */
    void check(Change change, Lines gone) {
        change.lines().bySku().forEach((sku, quantity) -> {
            boolean grew = quantity > gone.bySku().getOrDefault(sku, 0);
            violations.addUnless(
                    !grew || pending.getOrDefault(sku, 0L) == 0, "units that were to go were taken", sku, change);
        });
    }

    /** Of this SKU, when all holds have ended. */
    long pending(String sku) {
        return pending.getOrDefault(sku, 0L);
    }
}
