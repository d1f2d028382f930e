package dev.holdfast.comparison.cost;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.HoldfastProcess;
import dev.holdfast.comparison.contender.LaneKeys;
import dev.holdfast.comparison.contender.Recording;
import java.time.Duration;
import java.util.List;

/**
 * What Redis remembers a reservation in, in bytes: carts of one line, customer ids of twelve characters.
 *
 * @param holds that were alive
 * @param hold of five of the lane's keys for each hold, by MEMORY USAGE SAMPLES 0: all but the ledger
 * @param perEntry of the ledger, in which every hold was waiting because PostgreSQL was away
 * @param usedMemoryPerHold by how much used_memory had grown when all were recorded and trimmed: buffers of Redis and all else
 */
public record MemoryCost(long holds, PerHold hold, double perEntry, double usedMemoryPerHold, Verdict verdict) {

    private static final String SALE = "memory";
    private static final long CAPACITY = 100_000_000;

    /**
     * Where a hold's bytes are.
     *
     * @param sale the two keys that do not grow with holds
     */
    public record PerHold(double sale, double buyers, double holds, double due) {

        /** All of it. */
        public double bytes() {
            return sale + buyers + holds + due;
        }
    }

    /** Measures it on a sale of its own. */
    public static MemoryCost measure(HoldfastProcess holdfast, long holds) {
        holdfast.openSale(SALE, 1, CAPACITY);
        LaneKeys keys = new LaneKeys(SALE);
        try (RedisView redis = new RedisView(holdfast.redis().uri())) {
            long usedBefore = redis.usedMemory();
            double perEntry = holdfast.withoutPostgres(() -> perEntry(holdfast, redis, keys.ledger(), holds));
            long alive = redis.hashLength(keys.holds());
            Duration ignored = Recording.await(holdfast, SALE, alive);
            Verdict verdict = Verdict.of(holdfast.books(SALE), alive, 0);
            redis.awaitRewritten();
            return new MemoryCost(
                    alive,
                    new PerHold(
                            (double) redis.bytes(keys.ofSale()) / alive,
                            (double) redis.bytes(List.of(keys.buyers())) / alive,
                            (double) redis.bytes(List.of(keys.holds())) / alive,
                            (double) redis.bytes(List.of(keys.due())) / alive),
                    perEntry,
                    (double) (redis.usedMemory() - usedBefore) / alive,
                    verdict);
        }
    }

    private static double perEntry(HoldfastProcess holdfast, RedisView redis, String ledger, long holds) {
        long made = holdfast.prefill(SALE, holds);
        long entries = redis.streamLength(ledger);
        if (entries < made) {
            throw new IllegalStateException("only " + entries + " of " + made + " entries waited in the ledger");
        }
        return (double) redis.bytes(List.of(ledger)) / entries;
    }
}
