package dev.holdfast.redis;

import java.time.Duration;

/**
 * How the expirer goes about.
 *
 * @param interval between the end of one sweep and the next
 * @param callsPerSweep the most script calls in one sweep, each for at most 100 holds
 * @param clockTolerance how far Redis's clock may part from ours between two sweeps
 * @param clockPause how long nothing is swept after a greater jump
 */
public record ExpirerSettings(Duration interval, int callsPerSweep, Duration clockTolerance, Duration clockPause) {

    /** Throws IllegalArgumentException where there would be no sweep or no pause between two. */
    public ExpirerSettings {
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("interval is under a millisecond: " + interval);
        }
        if (callsPerSweep < 1) {
            throw new IllegalArgumentException("callsPerSweep is not positive: " + callsPerSweep);
        }
    }

    /** 100 calls at most in a sweep: up to 20,000 holds a second at an interval of 500 ms. */
    public static ExpirerSettings every(Duration interval) {
        return new ExpirerSettings(interval, 100, Duration.ofSeconds(5), Duration.ofSeconds(30));
    }
}
