package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.load.LoadResult;

/**
 * What one measurement gave.
 *
 * @param others answers that were neither holds nor refusals
 */
record Sample(
        Entry entry,
        Scenario scenario,
        int round,
        Pace pace,
        Latency latency,
        long others,
        Recorded recorded,
        Verdict verdict) {

    /**
     * How fast.
     *
     * @param burstSeconds that the load lasted
     * @param perSecond holds a second, or refusals where the sale was sold out
     * @param cpuMicros processor time of the contender's process for each answer
     */
    record Pace(double burstSeconds, double perSecond, double cpuMicros) {}

    /** In milliseconds. */
    record Latency(double p50, double p99, double p999, double most) {

        static Latency of(LoadResult result) {
            return new Latency(
                    result.latencyMs(50), result.latencyMs(99), result.latencyMs(99.9), result.latencyMs(100));
        }
    }

    /**
     * How far PostgreSQL was behind.
     *
     * @param perSecond holds a second that it had when the last answer came
     * @param backlogSeconds from then until it had all
     */
    record Recorded(double perSecond, double backlogSeconds) {}

    double perSecond() {
        return pace.perSecond();
    }
}
