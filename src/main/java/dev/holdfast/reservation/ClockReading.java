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
     * It was moved.
     *
     * @param atMs what it said after it
     * @param byMs forward, or back where it is negative
     */
    public record Step(long atMs, long byMs) {}
}
