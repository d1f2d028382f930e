package dev.holdfast.gatling;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How long answers took, by the name of the request: Gatling's text has percentiles for all requests together only, its page
 * those of each. Safe for all threads.
 */
public final class ResponseTimes {

    /** Gatling gives up at a minute; whatever takes longer counts as that. */
    private static final int MOST_MS = 60_000;

    private final Map<String, AtomicIntegerArray> countsByMs = new ConcurrentSkipListMap<>();

    /** One more answer. */
    public void add(String name, long ms) {
        countsByMs
                .computeIfAbsent(name, any -> new AtomicIntegerArray(MOST_MS + 1))
                .incrementAndGet(Math.clamp(ms, 0, MOST_MS));
    }

    /** The least time that so many percent of the answers did not exceed; 0 where there are none. */
    public int percentileMs(String name, double percent) {
        AtomicIntegerArray counts = countsByMs.get(name);
        if (counts == null) {
            return 0;
        }
        long rank = (long) Math.ceil(total(counts) * percent / 100);
        int ms = 0;
        for (long seen = counts.get(0); seen < rank; seen += counts.get(ms)) {
            ms++;
        }
        return ms;
    }

    /** A line for each name, ended. */
    public String text() {
        return countsByMs.entrySet().stream()
                .map(entry -> line(entry.getKey(), total(entry.getValue())))
                .collect(Collectors.joining());
    }

    private String line(String name, long total) {
        return "> %-27s %,9d  p50 %,6d  p95 %,6d  p99 %,6d  p99.9 %,6d ms%n"
                .formatted(
                        name,
                        total,
                        percentileMs(name, 50),
                        percentileMs(name, 95),
                        percentileMs(name, 99),
                        percentileMs(name, 99.9));
    }

    private static long total(AtomicIntegerArray counts) {
        return IntStream.range(0, counts.length()).mapToLong(counts::get).sum();
    }
}
