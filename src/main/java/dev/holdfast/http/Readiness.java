package dev.holdfast.http;

import dev.holdfast.redis.RedisTrouble;
import java.util.Set;

/**
 * Whether a node can reserve at one moment.
 *
 * @param draining whether it was told to end: it still answers, and other nodes should be asked instead
 * @param redisTroubles what keeps it from writing to Redis; empty where nothing does
 * @param records whether PostgreSQL takes what is recorded; a node reserves without it, too
 */
public record Readiness(boolean draining, Set<RedisTrouble> redisTroubles, boolean records) {

    /** Keeps its own copy. */
    public Readiness {
        redisTroubles = Set.copyOf(redisTroubles);
    }

    /** Whether Redis takes writes. */
    boolean redisUp() {
        return redisTroubles.isEmpty();
    }
}
