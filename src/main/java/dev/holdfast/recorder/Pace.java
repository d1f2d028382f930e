package dev.holdfast.recorder;

import java.util.random.RandomGenerator;

/** How long to wait before the next step: not at all while there is much to do, ever longer while there is nothing or nobody. */
final class Pace {

    private final RecorderSettings settings;
    private final RandomGenerator random;
    private long idleMs;
    private long retryMs;

    /** The random source keeps lanes and nodes from coming back all at once. */
    Pace(RecorderSettings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
        idleMs = settings.busyPause().toMillis();
        retryMs = settings.busyPause().toMillis();
    }

    /** Milliseconds, 0 for at once. */
    long after(Step step) {
        retryMs = settings.busyPause().toMillis();
        return switch (step) {
            case FULL -> {
                idleMs = settings.busyPause().toMillis();
                yield 0;
            }
            case SOME -> {
                idleMs = settings.busyPause().toMillis();
                yield idleMs;
            }
            case IDLE, OVER -> {
                idleMs = Math.min(idleMs * 2, settings.idlePause().toMillis());
                yield idleMs;
            }
        };
    }

    /** Milliseconds, at least 1. */
    long afterFailure() {
        retryMs = Math.min(retryMs * 2, settings.retryPause().toMillis());
        return retryMs / 2 + random.nextLong(retryMs / 2 + 1) + 1;
    }
}
