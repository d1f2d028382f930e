package dev.holdfast.gatling.history;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Compares what admins were told about a SKU's capacity with the service's own list: each adjustment is made once, one after the other. */
final class AdjustmentCheck {

    private final AdjustmentJournal told;
    private final List<String> findings = new ArrayList<>();

    private AdjustmentCheck(AdjustmentJournal told) {
        this.told = told;
    }

    /** What is wrong, a sentence each. */
    static List<String> findings(AdjustmentJournal told, Books books) {
        var check = new AdjustmentCheck(told);
        books.capacities()
                .forEach((sku, setUp) ->
                        check.check(sku, setUp, books.adjustments().getOrDefault(sku, List.of())));
        check.checkJournal();
        return check.findings;
    }

    private void check(String sku, long setUp, List<Adjustment> listed) {
        long capacity = setUp;
        long version = 1;
        for (Adjustment adjustment : listed) {
            if (adjustment.before() != capacity || adjustment.version() != version + 1) {
                findings.add("%s: %s does not follow a capacity of %d in version %d"
                        .formatted(sku, adjustment, capacity, version));
            }
            capacity = adjustment.after();
            version = adjustment.version();
        }
        Set<Adjustment> untold = new HashSet<>(listed);
        for (Adjustment adjustment : told.toldOf(sku)) {
            if (!untold.remove(adjustment)) {
                findings.add("%s: an admin was told of %s, which the list does not have".formatted(sku, adjustment));
            }
        }
        if (untold.size() > told.unansweredOf(sku)) {
            findings.add("%s: %d adjustments were made, %d admins got no answer"
                    .formatted(sku, untold.size(), told.unansweredOf(sku)));
        }
    }

    private void checkJournal() {
        if (told.madeTwice() > 0) {
            findings.add("%d times a key was answered with a second adjustment".formatted(told.madeTwice()));
        }
        if (told.otherThanAsked() > 0) {
            findings.add("%d times an adjustment was another than was asked for".formatted(told.otherThanAsked()));
        }
    }
}
