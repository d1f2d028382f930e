package dev.holdfast;

import dev.holdfast.redis.Scripts;
import java.time.Duration;

/**
 * What a running service does when, apart from its settings: fixed in production, turned by tests and benchmarks.
 *
 * @param scripts what Redis runs
 * @param httpLoops event loops that serve buyers, each with its own Redis connection
 * @param blockedAfter how long an event loop may be busy before Vert.x warns
 */
public record Tuning(Scripts scripts, int httpLoops, Intervals intervals, Duration blockedAfter) {

    /**
     * How often a node does what nobody asks it for.
     *
     * @param sweep due holds are taken back that nobody asked for
     * @param audit the counts of each lane are compared with the books
     * @param inspection each lane is walked whole
     * @param resend what a crash left unsent is looked for
     * @param housekeeping what is old is removed
     * @param database PostgreSQL is compared with what it was
     */
    public record Intervals(
            Duration sweep,
            Duration audit,
            Duration inspection,
            Duration resend,
            Duration housekeeping,
            Duration database) {}

    /** As in production: a hold's units are free within a second of its deadline, asked for or not. */
    public static Tuning defaults() {
        return new Tuning(
                Scripts.bundled(),
                Runtime.getRuntime().availableProcessors(),
                new Intervals(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(1)),
                Duration.ofSeconds(2));
    }

    /** The same with an event loop reported after half a second: a machine that builds beside its tests pauses a loop for longer than a tenth. */
    public Tuning watched() {
        return new Tuning(scripts, httpLoops, intervals, Duration.ofMillis(500));
    }

    /** The same with other scripts. */
    public Tuning withScripts(Scripts other) {
        return new Tuning(other, httpLoops, intervals, blockedAfter);
    }

    /** The same with so many event loops for buyers. */
    public Tuning withHttpLoops(int other) {
        return new Tuning(scripts, other, intervals, blockedAfter);
    }

    /** The same with other intervals. */
    public Tuning withIntervals(Intervals other) {
        return new Tuning(scripts, httpLoops, other, blockedAfter);
    }

    /** The same with another sweep. */
    public Tuning withSweepInterval(Duration other) {
        Intervals now = intervals;
        return withIntervals(
                new Intervals(other, now.audit, now.inspection, now.resend, now.housekeeping, now.database));
    }

    /** The same with what is old removed as often as this. */
    public Tuning withHousekeepingInterval(Duration other) {
        Intervals now = intervals;
        return withIntervals(new Intervals(now.sweep, now.audit, now.inspection, now.resend, other, now.database));
    }

    /** The same with counts compared and lanes walked as often as this. */
    public Tuning withAudits(Duration audits, Duration inspections) {
        Intervals now = intervals;
        return withIntervals(new Intervals(now.sweep, audits, inspections, now.resend, now.housekeeping, now.database));
    }
}
