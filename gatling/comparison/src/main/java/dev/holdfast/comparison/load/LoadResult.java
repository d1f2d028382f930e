package dev.holdfast.comparison.load;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What the client saw.
 *
 * @param seconds that the load lasted
 * @param acceptedInTime answers 201 within that time; later ones are only in {@code answers}
 * @param refusedInTime answers 409 within that time
 * @param answers all answers by status
 * @param unanswered requests that were sent and never answered
 * @param latencies of 201 and 409 within that time, in microseconds, from when the request was due
 */
public record LoadResult(
        double seconds,
        long acceptedInTime,
        long refusedInTime,
        Map<Integer, Long> answers,
        long unanswered,
        Histogram latencies) {

    /** All answers 201, late ones too. */
    public long accepted() {
        return answers.getOrDefault(201, 0L);
    }

    /** Requests whose effect the client does not know. */
    public long unknown() {
        return unanswered + answers.getOrDefault(503, 0L) + answers.getOrDefault(500, 0L);
    }

    /** Answers that are neither a hold nor a refusal for want of stock. */
    public long others() {
        return answers.entrySet().stream()
                        .filter(entry -> entry.getKey() != 201 && entry.getKey() != 409)
                        .mapToLong(Map.Entry::getValue)
                        .sum()
                + unanswered;
    }

    /** Holds a second. */
    public double acceptedPerSecond() {
        return acceptedInTime / seconds;
    }

    /** Refusals a second. */
    public double refusedPerSecond() {
        return refusedInTime / seconds;
    }

    /** The latency that this share of answers kept within, ms. */
    public double latencyMs(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1000.0;
    }
}
