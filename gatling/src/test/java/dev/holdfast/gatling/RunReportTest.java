package dev.holdfast.gatling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.gatling.history.Hold;
import dev.holdfast.gatling.history.Journal;
import dev.holdfast.gatling.history.Line;
import dev.holdfast.gatling.history.StockCounts;
import dev.holdfast.gatling.history.Verdict;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunReportTest {
    private final ResponseTimes times = new ResponseTimes();
    private final Journal journal = new Journal();

    @Test
    void aCorrectRunSaysWhatWasCounted() {
        times.add("hold accepted", 3);
        hold("a", 1_000);
        hold("b", 1_500);

        String text = report(new Verdict(new StockCounts(10, 8, 0, 2), 2, 0, 0, 0, true, List.of()))
                .text();

        assertThat(text)
                .contains("hold accepted")
                .contains("2 reservations in 0.50 s, 4 a second; all in PostgreSQL 0.07 s after the load")
                .contains("2  buyers were told of 2")
                .contains("VERDICT: correct");
    }

    @Test
    void aWrongRunSaysWhatIsWrong() {
        RunReport report = report(new Verdict(
                new StockCounts(10, 8, 0, 2), 3, 0, 0, 0, false, List.of("SKU-0: 2 units are sold, 3 were told")));

        assertThat(report.correct()).isFalse();
        assertThat(report.text())
                .contains("! SKU-0: 2 units are sold, 3 were told")
                .contains("VERDICT: WRONG, 1 findings");
    }

    private void hold(String id, long heldAtMs) {
        journal.held(id, new Hold(id, id, List.of(new Line("SKU-0", 1)), heldAtMs, heldAtMs + 1_000));
    }

    private RunReport report(Verdict verdict) {
        return new RunReport("load-x", times, journal, Duration.ofMillis(70), verdict);
    }
}
