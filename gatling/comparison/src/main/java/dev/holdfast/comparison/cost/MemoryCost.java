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
 * @param perHold of five of the lane's keys, by MEMORY USAGE SAMPLES 0: all but the ledger
 * @param perEntry of the ledger, in which every hold was waiting because PostgreSQL was away
 * @param usedMemoryPerHold by how much used_memory had grown when all were recorded and trimmed: buffers of Redis and all else
 */
public record MemoryCost(long holds, double perHold, double perEntry, double usedMemoryPerHold, Verdict verdict) {

    private static final String SALE = "memory";
    private static final long CAPACITY = 100_000_000;

    /** Measures it on a sale of its own. */
    public static MemoryCost measure(HoldfastProcess holdfast, long holds) {
        holdfast.openSale(SALE, 1, CAPACITY);
        LaneKeys keys = new LaneKeys(SALE);
        try (RedisView redis = new RedisView(holdfast.redis().uri())) {
            long usedBefore = redis.usedMemory();
            holdfast.withoutPostgres(() -> holdfast.prefill(SALE, holds));
            long entries = redis.streamLength(keys.ledger());
            double perEntry = (double) redis.bytes(List.of(keys.ledger())) / entries;
            if (entries < holds) {
                throw new IllegalStateException("only " + entries + " of " + holds + " entries waited in the ledger");
            }
            Duration ignored = Recording.await(holdfast, SALE, holds);
            Verdict verdict = Verdict.of(holdfast.books(SALE), holds, 0);
            redis.awaitRewritten();
            long alive = redis.hashLength(keys.holds());
            return new MemoryCost(
                    alive,
                    (double) redis.bytes(keys.withoutLedger()) / alive,
                    perEntry,
                    (double) (redis.usedMemory() - usedBefore) / alive,
                    verdict);
        }
    }
}
