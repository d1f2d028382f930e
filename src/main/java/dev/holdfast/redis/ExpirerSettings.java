package dev.holdfast.redis;

import java.time.Duration;

/**
 * How the expirer goes about.
 *
 * @param interval between the beginnings of two sweeps; longer where the first takes longer
 * @param callsPerSweep the most script calls in one sweep, each for at most 100 holds
 * @param safetyLook after which a lane is called though nobody told of a deadline
 * @param retention how long Redis keeps what has ended, a day to a year
 */
public record ExpirerSettings(Duration interval, int callsPerSweep, Duration safetyLook, Duration retention) {

    /** As long as every caller may count on: an Idempotency-Key stands for its reservation until then. */
    public static final Duration LEAST_RETENTION = Duration.ofHours(24);

    /** Longer, and a deadline might not fit into Redis. */
    public static final Duration MOST_RETENTION = Duration.ofDays(365);

    /** Throws IllegalArgumentException where there would be no sweep or no pause between two, or the retention is none. */
    public ExpirerSettings {
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("interval is under a millisecond: " + interval);
        }
        if (callsPerSweep < 1) {
            throw new IllegalArgumentException("callsPerSweep is not positive: " + callsPerSweep);
        }
        if (retention.compareTo(LEAST_RETENTION) < 0 || retention.compareTo(MOST_RETENTION) > 0) {
            throw new IllegalArgumentException("retention is not a day to a year: " + retention);
        }
    }

    /**
     * 2,000 calls at most in a sweep: enough for as many lanes that are all due at once. A lane of which nobody tells is called every 5 s,
     * so that a hold that lasts longer is taken back in time whatever else happened.
     */
    public static ExpirerSettings every(Duration interval, Duration retention) {
        return new ExpirerSettings(interval, 2_000, Duration.ofSeconds(5), retention);
    }
}
