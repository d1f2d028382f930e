package dev.holdfast;

import dev.holdfast.redis.Scripts;
import java.time.Duration;

/**
 * What a running service does when, apart from its settings: fixed in production, turned by tests and benchmarks.
 *
 * @param scripts what Redis runs
 * @param httpLoops event loops that serve buyers, each with its own Redis connection
 * @param sweepInterval how often due holds are taken back that nobody asked for
 * @param auditInterval how often the counts of each lane are compared with the books
 * @param inspectionInterval how often each lane is walked whole
 * @param resendInterval how often what a crash left unsent is looked for
 * @param housekeepingInterval how often what is old is removed
 * @param databaseInterval how often PostgreSQL is compared with what it was
 * @param blockedAfter how long an event loop may be busy before Vert.x warns
 */
public record Tuning(
        Scripts scripts,
        int httpLoops,
        Duration sweepInterval,
        Duration auditInterval,
        Duration inspectionInterval,
        Duration resendInterval,
        Duration housekeepingInterval,
        Duration databaseInterval,
        Duration blockedAfter) {

    /** As in production: a hold's units are free within a second of its deadline, asked for or not. */
    public static Tuning defaults() {
        return new Tuning(
                Scripts.bundled(),
                Runtime.getRuntime().availableProcessors(),
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                Duration.ofSeconds(2),
                Duration.ofMinutes(10),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2));
    }

    /** The same with an event loop reported after half a second: a machine that builds beside its tests pauses a loop for longer than a tenth. */
    public Tuning watched() {
        return new Tuning(
                scripts,
                httpLoops,
                sweepInterval,
                auditInterval,
                inspectionInterval,
                resendInterval,
                housekeepingInterval,
                databaseInterval,
                Duration.ofMillis(500));
    }

    /** The same with other scripts. */
    public Tuning withScripts(Scripts other) {
        return new Tuning(
                other,
                httpLoops,
                sweepInterval,
                auditInterval,
                inspectionInterval,
                resendInterval,
                housekeepingInterval,
                databaseInterval,
                blockedAfter);
    }

    /** The same with so many event loops for buyers. */
    public Tuning withHttpLoops(int other) {
        return new Tuning(
                scripts,
                other,
                sweepInterval,
                auditInterval,
                inspectionInterval,
                resendInterval,
                housekeepingInterval,
                databaseInterval,
                blockedAfter);
    }

    /** The same with another sweep. */
    public Tuning withSweepInterval(Duration other) {
        return new Tuning(
                scripts,
                httpLoops,
                other,
                auditInterval,
                inspectionInterval,
                resendInterval,
                housekeepingInterval,
                databaseInterval,
                blockedAfter);
    }

    /** The same with what is old removed as often as this. */
    public Tuning withHousekeepingInterval(Duration other) {
        return new Tuning(
                scripts,
                httpLoops,
                sweepInterval,
                auditInterval,
                inspectionInterval,
                resendInterval,
                other,
                databaseInterval,
                blockedAfter);
    }

    /** The same with counts compared and lanes walked as often as this. */
    public Tuning withAudits(Duration audits, Duration inspections) {
        return new Tuning(
                scripts,
                httpLoops,
                sweepInterval,
                audits,
                inspections,
                resendInterval,
                housekeepingInterval,
                databaseInterval,
                blockedAfter);
    }
}
