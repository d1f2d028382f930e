package dev.holdfast.gatling;

import dev.holdfast.gatling.history.Journal;
import dev.holdfast.gatling.history.StockCounts;
import dev.holdfast.gatling.history.Verdict;
import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.stream.Collectors;

/**
 * What stands under Gatling's table.
 *
 * @param recordedAfter how long after the end of the load everything was in PostgreSQL
 */
record RunReport(String saleId, Settings settings, Journal journal, Duration recordedAfter, Verdict verdict) {
    private static final String RULE = "=".repeat(120);
    private static final int MOST_FINDINGS = 20;

    boolean correct() {
        return verdict.correct();
    }

    /** Lines to print. */
    String text() {
        StockCounts total = verdict.total();
        LongSummaryStatistics heldAtMs = journal.entries().stream()
                .mapToLong(entry -> entry.hold().heldAtMs())
                .summaryStatistics();
        double seconds = heldAtMs.getCount() < 2 ? 0 : (heldAtMs.getMax() - heldAtMs.getMin()) / 1000.0;
        double perSecond = seconds == 0 ? 0 : heldAtMs.getCount() / seconds;
        return """
                %s
                ---- History check of sale %s
                > settings                    %s
                > holds accepted              %d in %.1f s, %.0f a second; all in PostgreSQL %.2f s after the load
                > capacity                    %d
                > available                   %d
                > held                        %d
                > sold                        %d, buyers were told of %d
                > oversold                    %d
                > leaked                      %d
                > buyers over the limit       %d
                > PostgreSQL equal to Redis   %s
                %sVERDICT: %s
                %s""".formatted(
                RULE,
                saleId,
                settings,
                heldAtMs.getCount(),
                seconds,
                perSecond,
                recordedAfter.toMillis() / 1000.0,
                total.capacity(),
                total.available(),
                total.held(),
                total.sold(),
                verdict.acknowledged(),
                verdict.oversold(),
                verdict.leaked(),
                verdict.overLimit(),
                verdict.recorded() ? "yes" : "NO",
                findings(),
                verdict.correct() ? "correct" : "WRONG, " + verdict.findings().size() + " findings",
                RULE);
    }

    private String findings() {
        return verdict.findings().stream()
                .limit(MOST_FINDINGS)
                .map(finding -> "! " + finding + "\n")
                .collect(Collectors.joining());
    }
}
