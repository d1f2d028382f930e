package dev.holdfast.admin.preflight;

import dev.holdfast.redis.RedisFitness;
import java.util.List;

/** Does Redis keep what it is given? */
final class RedisCheck implements Check {

    @Override
    public List<Finding> findings(Evidence evidence) {
        return evidence.redis().fitness().stream().map(RedisCheck::finding).toList();
    }

    private static Finding finding(RedisFitness.Finding found) {
        return switch (found.severity()) {
            case REFUSE -> Finding.blocker(found.code(), found.text());
            case WARN -> Finding.warning(found.code(), found.text());
        };
    }
}
