package dev.holdfast.reservation;

import java.util.List;

/**
 * What is known of Redis's clock at one moment; all times are ms since 1970 by that clock.
 *
 * @param redisMs what it says, or should say
 * @param watchedFromMs since then it was watched without a break
 * @param steps when it was moved since then, oldest first
 */
public record ClockReading(long redisMs, long watchedFromMs, List<Step> steps) {

    /** A copy of the list is kept. */
    public ClockReading {
        steps = List.copyOf(steps);
    }

    /**
     * It was moved, at some moment between two readings.
     *
     * @param endedMs before it, the clock said at most this
     * @param beganMs after it, the clock said at least this
     * @param byMs forward, or back where it is negative
     */
    public record Step(long endedMs, long beganMs, long byMs) {}
}
