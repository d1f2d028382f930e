package dev.holdfast.ledger;

import dev.holdfast.ledger.AuditReport.Item;
import dev.holdfast.reservation.Sku;
import dev.holdfast.reservation.StockCount;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Redis's counts beside PostgreSQL's, SKU by SKU in the order of their names. */
record Comparison(List<Item> items) {

    static Comparison of(List<StockCount> redis, List<StockCount> postgres) {
        Map<String, StockCount> there = bySku(redis);
        Map<String, StockCount> here = bySku(postgres);
        TreeSet<String> skus = new TreeSet<>(there.keySet());
        skus.addAll(here.keySet());
        return new Comparison(skus.stream()
                .map(sku -> item(new Sku(sku), there.get(sku), here.get(sku)))
                .toList());
    }

    /** Those SKUs that are not the same on both sides, or not whole on one. */
    List<Item> differences() {
        return items.stream()
                .filter(item -> item.drift() > 0 || !addsUp(item.redis()) || !addsUp(item.postgres()))
                .toList();
    }

    /** Both sides agree, and every unit is somewhere once. */
    boolean balanced() {
        return driftUnits() == 0 && items.stream().allMatch(item -> addsUp(item.redis()) && addsUp(item.postgres()));
    }

    long driftUnits() {
        return items.stream().mapToLong(Item::drift).sum();
    }

    /** Units sold beyond capacity, on the side that has more of them. */
    long oversoldUnits() {
        return items.stream()
                .mapToLong(item -> Math.max(oversold(item.redis()), oversold(item.postgres())))
                .sum();
    }

    /** Units that Redis offers beyond those that the books have. */
    long madeUpUnits() {
        return items.stream()
                .mapToLong(item -> Math.max(0, available(item.redis()) - available(item.postgres())))
                .sum();
    }

    private static long available(@Nullable StockCount count) {
        return count == null ? 0 : count.available();
    }

    static Item item(Sku sku, @Nullable StockCount redis, @Nullable StockCount postgres) {
        return new Item(sku, redis, postgres, drift(redis, postgres));
    }

    private static long drift(@Nullable StockCount redis, @Nullable StockCount postgres) {
        if (redis == null || postgres == null) {
            StockCount only = redis == null ? postgres : redis;
            // A SKU that one side does not know is a difference even without units.
            return only == null ? 0 : Math.max(1, only.capacity());
        }
        // An adjustment would not fit a capacity of another version: that is a difference, too.
        long least = redis.version() == postgres.version() ? 0 : 1;
        return Math.max(least, largestDistance(redis, postgres));
    }

    private static long largestDistance(StockCount redis, StockCount postgres) {
        return Math.max(
                Math.max(
                        distance(redis, postgres, StockCount::capacity),
                        distance(redis, postgres, StockCount::available)),
                Math.max(distance(redis, postgres, StockCount::held), distance(redis, postgres, StockCount::sold)));
    }

    private static long distance(StockCount a, StockCount b, Function<StockCount, Long> count) {
        return Math.abs(count.apply(a) - count.apply(b));
    }

    private static boolean addsUp(@Nullable StockCount count) {
        return count == null || count.balanced();
    }

    private static long oversold(@Nullable StockCount count) {
        return count == null ? 0 : Math.max(0, count.sold() - count.capacity());
    }

    private static Map<String, StockCount> bySku(List<StockCount> counts) {
        return counts.stream()
                .collect(Collectors.toMap(count -> count.sku().value(), count -> count, (a, b) -> b, TreeMap::new));
    }
}
