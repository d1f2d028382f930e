package dev.holdfast.gatling.history;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Everything that the admins of one run were told about adjustments. Safe for all threads. */
public final class AdjustmentJournal {

    private record Told(String sku, Adjustment adjustment) {}

    private final Map<String, Told> byKey = new ConcurrentHashMap<>();
    private final Map<String, String> unansweredSkuByKey = new ConcurrentHashMap<>();
    private final LongAdder madeTwice = new LongAdder();
    private final LongAdder otherThanAsked = new LongAdder();

    /**
     * An adjustment was acknowledged, for the first time or again. The key is the caller's, unique for each thing wanted.
     *
     * @param wanted the capacity that was to come of it
     */
    public void told(String key, String sku, Adjustment adjustment, long wanted) {
        unansweredSkuByKey.remove(key);
        Told first = byKey.putIfAbsent(key, new Told(sku, adjustment));
        if (first != null && !first.adjustment().equals(adjustment)) {
            madeTwice.increment();
        }
        if (adjustment.after() != wanted) {
            otherThanAsked.increment();
        }
    }

    /** Whether it was made is not known. */
    public void unanswered(String key, String sku) {
        if (!byKey.containsKey(key)) {
            unansweredSkuByKey.put(key, sku);
        }
    }

    /** Whose capacity may have changed. */
    public Set<String> skus() {
        Set<String> skus = new HashSet<>(unansweredSkuByKey.values());
        byKey.values().forEach(told -> skus.add(told.sku()));
        return skus;
    }

    /** How many were acknowledged. */
    public int count() {
        return byKey.size();
    }

    List<Adjustment> toldOf(String sku) {
        return byKey.values().stream()
                .filter(told -> told.sku().equals(sku))
                .map(Told::adjustment)
                .toList();
    }

    long unansweredOf(String sku) {
        return unansweredSkuByKey.values().stream().filter(sku::equals).count();
    }

    /** How often a key was answered with another adjustment than before. */
    long madeTwice() {
        return madeTwice.sum();
    }

    /** How often something else was made than what was asked for. */
    long otherThanAsked() {
        return otherThanAsked.sum();
    }
}
