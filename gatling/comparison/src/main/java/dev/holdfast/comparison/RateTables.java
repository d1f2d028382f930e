package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The part of a report about how fast each design accepts and refuses. */
final class RateTables {

    private final Plan plan;
    private final Results results;
    private final Cells cells;
    private final Markdown text;

    RateTables(Plan plan, Results results, Markdown text) {
        this.plan = plan;
        this.results = results;
        this.cells = new Cells(plan, results);
        this.text = text;
    }

    void write() {
        rates();
        refusals();
        activeHolds();
    }

    private void rates() {
        for (Scenario scenario : List.of(Scenario.ONE_SKU, Scenario.MANY_SKUS)) {
            text.say(
                    scenario.skus() == 1
                            ? "## Accepted holds, all for one SKU"
                            : "## Accepted holds, spread over 1,000 SKUs");
            text.table(
                    List.of("design", "accepted/s", "of the ceiling", "p50 ms", "p99 ms", "p99.9 ms"),
                    cells.rows(
                            scenario,
                            entry -> List.of(
                                    cells.rate(entry, scenario),
                                    cells.ofCeiling(entry, scenario),
                                    cells.latency(entry, scenario, Sample.Latency::p50),
                                    cells.latency(entry, scenario, Sample.Latency::p99),
                                    cells.latency(entry, scenario, Sample.Latency::p999))));
        }
    }

    private void refusals() {
        for (Scenario scenario : List.of(Scenario.SOLD_OUT, Scenario.SOLD_OUT_KEYLESS)) {
            text.say(
                    scenario.equals(Scenario.SOLD_OUT)
                            ? "## Refusals of a SKU that is sold out"
                            : "## The same without an Idempotency-Key");
            text.table(
                    List.of("design", "refused/s", "of the ceiling", "p50 ms", "p99 ms", "p99.9 ms"),
                    cells.rows(
                            scenario,
                            entry -> List.of(
                                    cells.rate(entry, scenario),
                                    cells.ofCeiling(entry, scenario),
                                    cells.latency(entry, scenario, Sample.Latency::p50),
                                    cells.latency(entry, scenario, Sample.Latency::p99),
                                    cells.latency(entry, scenario, Sample.Latency::p999))));
        }
    }

    private void activeHolds() {
        text.say("## Accepted holds a second as active holds grow");
        text.say("One SKU that already has this many active holds when the measurement begins; it adds its own.");
        text.say("![accepted holds a second by active holds]("
                + plan.output().plot().getFileName() + ")");
        byLevel(level -> entry -> cells.rate(entry, level));
        text.say("The same as parts of the ceiling, which has no holds and one figure:");
        byLevel(level -> entry ->
                results.ratio(entry, level, Entry.BARE, Scenario.ONE_SKU).median("%.3f"));
        text.say("The same, p50 / p99 / p99.9 in ms:");
        byLevel(level -> entry -> latencies(entry, level));
        if (plan.levels().flat() > 0) {
            text.say(String.format(
                    Locale.ROOT,
                    "The column of %,d was measured in one process of Holdfast, in turn with %,d active holds: %s/s.",
                    plan.levels().flat(),
                    Levels.FEW,
                    cells.rate(Entry.HOLDFAST, Scenario.flat(Levels.FEW))));
        }
    }

    private void byLevel(Function<Scenario, Function<Entry, String>> cell) {
        List<Scenario> levels = plan.growth();
        List<String> header = new ArrayList<>(List.of("design"));
        levels.forEach(level -> header.add(String.format(Locale.ROOT, "%,d", level.activeHolds())));
        text.table(
                header,
                cells.rows(
                        Scenario.ONE_SKU,
                        entry -> levels.stream()
                                .map(level -> cell.apply(level).apply(entry))
                                .toList()));
    }

    private String latencies(Entry entry, Scenario scenario) {
        List<Function<Sample.Latency, Double>> parts =
                List.of(Sample.Latency::p50, Sample.Latency::p99, Sample.Latency::p999);
        return results.of(entry, scenario).isEmpty()
                ? ""
                : parts.stream()
                        .map(part -> results.spread(entry, scenario, sample -> part.apply(sample.latency())))
                        .map(spread -> spread.median("%.2f"))
                        .collect(Collectors.joining(" / "));
    }
}
