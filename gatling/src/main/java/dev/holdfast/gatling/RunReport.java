package dev.holdfast.gatling;

import dev.holdfast.gatling.history.Journal;
import dev.holdfast.gatling.history.Verdict;
import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.stream.Collectors;

/**
 * What stands under Gatling's table.
 *
 * @param run the sale and the settings, to repeat it with
 * @param recordedAfter how long after the end of the load everything was in PostgreSQL
 */
record RunReport(String run, ResponseTimes times, Journal journal, Duration recordedAfter, Verdict verdict) {
    private static final String RULE = "=".repeat(120);
    private static final int MOST_FINDINGS = 20;

    boolean correct() {
        return verdict.correct();
    }

    /** Lines to print. */
    String text() {
        return """
                %s
                ---- History check: %s
                %s> %s; all in PostgreSQL %.2f s after the load
                > capacity                    %,9d
                > available                   %,9d
                > held                        %,9d
                > sold                        %,9d  buyers were told of %,d
                > oversold                    %,9d
                > leaked                      %,9d
                > buyers over the limit       %,9d
                > PostgreSQL equal to Redis   %9s
                %sVERDICT: %s
                %s""".formatted(
                RULE,
                run,
                times.text(),
                pace(),
                recordedAfter.toMillis() / 1000.0,
                verdict.total().capacity(),
                verdict.total().available(),
                verdict.total().held(),
                verdict.total().sold(),
                verdict.acknowledged(),
                verdict.oversold(),
                verdict.leaked(),
                verdict.overLimit(),
                verdict.recorded() ? "yes" : "NO",
                findings(),
                verdict.correct()
                        ? "correct"
                        : "WRONG, %d findings".formatted(verdict.findings().size()),
                RULE);
    }

    /** By the service's own times, from the first hold to the last. */
    private String pace() {
        LongSummaryStatistics heldAtMs = journal.entries().stream()
                .mapToLong(entry -> entry.hold().heldAtMs())
                .summaryStatistics();
        long count = heldAtMs.getCount();
        if (count < 2 || heldAtMs.getMax() == heldAtMs.getMin()) {
            return count + " reservations";
        }
        double seconds = (heldAtMs.getMax() - heldAtMs.getMin()) / 1000.0;
        return "%,d reservations in %.2f s, %,.0f a second".formatted(count, seconds, count / seconds);
    }

    private String findings() {
        return verdict.findings().stream()
                .limit(MOST_FINDINGS)
                .map(finding -> "! " + finding + "\n")
                .collect(Collectors.joining());
    }
}
