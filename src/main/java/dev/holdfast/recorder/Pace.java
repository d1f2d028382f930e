package dev.holdfast.recorder;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait after a failure: ever longer while failures follow each other. */
final class Pace {

    private static final int FIRST_MS = 20;

    private final long longestMs;
    private final RandomGenerator random;
    private long retryMs = FIRST_MS;

    /** The random source keeps lanes and nodes from coming back all at once. */
    Pace(Duration longest, RandomGenerator random) {
        longestMs = longest.toMillis();
        this.random = random;
    }

    /** The next failure is a first one again. */
    void success() {
        retryMs = FIRST_MS;
    }

    /** Milliseconds, at least 1. */
    long afterFailure() {
        retryMs = Math.min(retryMs * 2, longestMs);
        return retryMs / 2 + random.nextLong(retryMs / 2 + 1) + 1;
    }
}
