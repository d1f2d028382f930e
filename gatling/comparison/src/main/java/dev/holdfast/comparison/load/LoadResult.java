package dev.holdfast.comparison.load;

import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.HdrHistogram.Histogram;

/**
 * What the client saw. Every request of a load has a key of its own, so 200, a replay, is the first that its caller hears of
 * a hold: the server itself repeated a step whose outcome it did not know.
 *
 * @param seconds that the load lasted
 * @param acceptedInTime answers 201 and 200 within that time; later ones are only in {@code answers}
 * @param refusedInTime answers 409 within that time
 * @param answers all answers by status
 * @param unanswered requests that were sent and never answered
 * @param latencies of all answers, in microseconds, from when the request was due
 */
public record LoadResult(
        double seconds,
        long acceptedInTime,
        long refusedInTime,
        Map<Integer, Long> answers,
        long unanswered,
        Histogram latencies) {

    private static final Set<Integer> ACCEPTED = Set.of(200, 201);
    private static final int REFUSED = 409;

    static boolean isAccepted(int status) {
        return ACCEPTED.contains(status);
    }

    static boolean isRefused(int status) {
        return status == REFUSED;
    }

    /** All holds that were acknowledged, late ones too. */
    public long accepted() {
        return count(LoadResult::isAccepted);
    }

    /** All answers, whatever they say. */
    public long answered() {
        return count(status -> true);
    }

    /** Requests whose effect the client does not know. */
    public long unknown() {
        return unanswered + count(status -> status >= 500);
    }

    /** Answers that are neither a hold nor a refusal, and answers that never came. */
    public long others() {
        return unanswered + count(status -> !isAccepted(status) && !isRefused(status));
    }

    private long count(IntPredicate wanted) {
        return answers.entrySet().stream()
                .filter(entry -> wanted.test(entry.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
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
