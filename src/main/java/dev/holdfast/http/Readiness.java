package dev.holdfast.http;

import dev.holdfast.redis.RedisTrouble;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a node can reserve at one moment.
 *
 * @param draining whether it was told to end: it still answers, and other nodes should be asked instead
 * @param refusal why it serves nothing, in one line; empty where it may serve
 * @param redisTroubles what keeps it from writing to Redis; empty where nothing does
 * @param postgresProblem why PostgreSQL does not take what is to be recorded, in a line; empty where it does. A node reserves without
 *     it, too
 */
public record Readiness(
        boolean draining, Optional<String> refusal, Set<RedisTrouble> redisTroubles, Optional<String> postgresProblem) {

    /** Keeps its own copy. */
    public Readiness {
        redisTroubles = Set.copyOf(redisTroubles);
    }

    /** Whether PostgreSQL takes what is to be recorded. */
    boolean records() {
        return postgresProblem.isEmpty();
    }

    /** Whether Redis takes writes. */
    boolean redisUp() {
        return refusal.isEmpty() && redisTroubles.isEmpty();
    }
}
