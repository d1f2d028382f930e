package dev.holdfast.gatling.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many units of something were taken at the same time, at most. Kept for SKUs it finds what was sold twice, kept for
 * buyers it finds who got more than the limit: also for a moment only, also if the final counts add up again.
 */
final class Occupancy {

    /** For ever: the units were sold. */
    static final long NEVER_MS = Long.MAX_VALUE;

    private record Change(long atMs, int units) {}

    private final Map<String, List<Change>> changes = new HashMap<>();

    /** Units that were taken from one millisecond on until another, which no longer counts. */
    void add(String name, int units, long fromMs, long untilMs) {
        List<Change> ofName = changes.computeIfAbsent(name, any -> new ArrayList<>());
        ofName.add(new Change(fromMs, units));
        if (untilMs != NEVER_MS) {
            ofName.add(new Change(untilMs, -units));
        }
    }

    Set<String> names() {
        return changes.keySet();
    }

    /** The most units at any time. */
    long peak(String name) {
        List<Change> inOrder = new ArrayList<>(changes.getOrDefault(name, List.of()));
        // In the same millisecond what is given back comes first: it is what made room for the next.
        inOrder.sort(Comparator.comparingLong(Change::atMs).thenComparingInt(Change::units));
        long taken = 0;
        long most = 0;
        for (Change change : inOrder) {
            taken += change.units();
            most = Math.max(most, taken);
        }
        return most;
    }
}
