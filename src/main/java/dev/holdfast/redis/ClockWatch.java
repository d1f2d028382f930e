package dev.holdfast.redis;

import java.time.Duration;

/**
 * Compares Redis's wall clock with our monotonic one: when they part, holds may look due that are not. Where Redis's clock
 * jumped, the watch is unsteady for a while, in which a person or NTP can set it right.
 */
final class ClockWatch {

    private final Duration tolerance;
    private final Duration pause;
    private long lastRedisMs;
    private long lastNanos;
    private long steadyFromNanos;
    private boolean started;

    ClockWatch(Duration tolerance, Duration pause) {
        this.tolerance = tolerance;
        this.pause = pause;
    }

    /** Takes one reading of both clocks; how far Redis's jumped since the last, ms, 0 within the tolerance. */
    long jumpMs(long redisMs, long nanos) {
        long jumpMs = started
                ? (redisMs - lastRedisMs) - Duration.ofNanos(nanos - lastNanos).toMillis()
                : 0;
        lastRedisMs = redisMs;
        lastNanos = nanos;
        if (!started) {
            started = true;
            steadyFromNanos = nanos;
        }
        if (Math.abs(jumpMs) <= tolerance.toMillis()) {
            return 0;
        }
        steadyFromNanos = nanos + pause.toNanos();
        return jumpMs;
    }

    /** Whether no jump was seen for the length of the pause. */
    boolean isSteady(long nanos) {
        return nanos - steadyFromNanos >= 0;
    }
}
