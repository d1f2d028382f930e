package dev.holdfast.admin.preflight;

import dev.holdfast.redis.RedisMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Is there room in Redis for all that may be sold? The most that a sale can need at once is a hold for each unit, and the history of
 * each while PostgreSQL is away: {@code units * (hold + 2 * entry)}, beside what is used now. Other sales on the same Redis need theirs.
 */
final class MemoryCheck implements Check {

    /** Measured: 333 bytes of a live hold, as README.md has it under Numbers. */
    private static final long HOLD_BYTES = 333;

    /** Measured there: 110 bytes of a ledger entry. */
    private static final long ENTRY_BYTES = 110;

    /** Held, and then confirmed, released or expired. */
    private static final long ENTRIES = 2;

    @Override
    public List<Finding> findings(Evidence evidence) {
        RedisMemory memory = evidence.redis().memory();
        OptionalLong limit = memory.limitBytes();
        if (memory.usedBytes().isEmpty() || limit.isEmpty()) {
            return List.of(Finding.warning(
                    "redis-memory-unknown", "Redis does not tell how much memory it has, so it may be too little."));
        }
        List<Finding> findings = new ArrayList<>();
        if (memory.maxBytes().orElse(0) == 0) {
            findings.add(Finding.warning(
                            "redis-memory-unlimited",
                            "Redis has no maxmemory: instead of refusing holds it is ended when the machine has no more.")
                    .with("systemBytes", limit.getAsLong()));
        }
        long neededBytes = evidence.skus().available() * (HOLD_BYTES + ENTRIES * ENTRY_BYTES);
        if (memory.usedBytes().getAsLong() + neededBytes > limit.getAsLong()) {
            findings.add(Finding.blocker(
                            "redis-memory-too-small",
                            "Redis has no room for every unit in a hold of its own and a history that waits for PostgreSQL:"
                                    + " when it is full, new holds are refused.")
                    .with("usedBytes", memory.usedBytes().getAsLong())
                    .with("neededBytes", neededBytes)
                    .with("limitBytes", limit.getAsLong()));
        }
        return findings;
    }
}
