package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Entry;

/**
 * What one measurement gave.
 *
 * @param burstSeconds that the load lasted
 * @param perSecond holds a second, or refusals where the sale was sold out
 * @param others answers that were neither
 * @param recordedPerSecond holds a second that were in PostgreSQL when the last answer came
 * @param backlogSeconds from then until all were
 */
record Sample(
        Entry entry,
        Scenario scenario,
        int round,
        double burstSeconds,
        double perSecond,
        Latency latency,
        long others,
        double recordedPerSecond,
        double backlogSeconds,
        Verdict verdict) {

    /** In milliseconds. */
    record Latency(double p50, double p99, double p999, double most) {}
}
