package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.cost.DiskSync;
import dev.holdfast.comparison.server.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The short form of a run, for the project's README. */
final class Summary {

    private static final long COMPARED_HOLDS = 20_000;

    private final Plan plan;
    private final Results results;

    Summary(Plan plan, Results results) {
        this.plan = plan;
        this.results = results;
    }

    /**
     * Writes it beside the report, and into the README that is to have it.
     *
     * @param complete whether the run came to its end: half of one is not shown to anybody
     */
    void write(boolean complete) throws IOException {
        String text = text();
        Files.createDirectories(plan.output().summary().toAbsolutePath().getParent());
        Files.writeString(plan.output().summary(), text);
        if (complete && plan.output().readme().isPresent()) {
            MarkedSection.replace(plan.output().readme().get(), text);
        }
    }

    private String text() {
        Markdown text = new Markdown();
        text.say("""
                Medians (least to most), rounds: %d, %s, on %s; %s; %s. Redis with appendfsync always, PostgreSQL with
                synchronous_commit, load and servers on the same cores. Every sale was checked: %s.""".formatted(
                        plan.effort().rounds(),
                        LocalDate.now(ZoneOffset.UTC),
                        Machine.describe(),
                        Machine.java(),
                        RedisServer.version() + ", " + plan.output().versions(),
                        verdict())
                .replace('\n', ' '));
        text.table(
                List.of(
                        "design",
                        "accepted/s, one SKU",
                        "of the ceiling",
                        "1,000 SKUs",
                        String.format(Locale.ROOT, "with %,d active holds", COMPARED_HOLDS),
                        "refused/s when sold out",
                        "p50 / p99 / p99.9 ms at half rate",
                        "oversold, leaked"),
                plan.cast().entries().stream().map(this::row).toList());
        text.table(
                List.of("bar", "wanted", "found", ""),
                new Bars(results, plan.levels())
                        .all().stream()
                                .map(bar -> List.of(
                                        bar.text(), bar.goal(), bar.found().exact(), bar.verdict()))
                                .toList());
        text.say("A hold waits for the disk, the ceiling for nothing: one fsync took %s ms here (p50), %s ms (p99)."
                .formatted(
                        results.diskSync(DiskSync::p50).exact(),
                        results.diskSync(DiskSync::p99).exact()));
        text.say("Again on your machine: `%s`. All figures of this run: [RESULTS.md](gatling/comparison/RESULTS.md)."
                .formatted(plan.output().command()));
        return text.toString();
    }

    private String verdict() {
        long sales = plan.cast().entries().stream().mapToLong(results::checks).sum();
        return results.allRight()
                ? String.format(
                        Locale.ROOT, "in %,d sales no unit was oversold or leaked, no hold lost or made twice", sales)
                : "**some were wrong**";
    }

    private List<String> row(Entry entry) {
        Verdict verdict = results.verdict(entry);
        return List.of(
                entry.title(),
                rate(entry, Scenario.ONE_SKU).whole(),
                results.ratio(entry, Scenario.ONE_SKU, Entry.BARE, Scenario.ONE_SKU)
                        .median("%.3f"),
                rate(entry, Scenario.MANY_SKUS).median("%,.0f"),
                rate(entry, Scenario.active(COMPARED_HOLDS)).median("%,.0f"),
                entry.sells() ? rate(entry, Scenario.SOLD_OUT).median("%,.0f") : "",
                latencies(entry),
                entry.sells() ? verdict.oversold() + ", " + (verdict.leaked() + verdict.invented()) : "");
    }

    private Spread rate(Entry entry, Scenario scenario) {
        return results.spread(entry, scenario, Sample::perSecond);
    }

    private String latencies(Entry entry) {
        return String.join(
                " / ",
                latency(entry, Sample.Latency::p50),
                latency(entry, Sample.Latency::p99),
                latency(entry, Sample.Latency::p999));
    }

    private String latency(Entry entry, ToDoubleFunction<Sample.Latency> part) {
        return results.spread(entry, Scenario.HALF_RATE, sample -> part.applyAsDouble(sample.latency()))
                .median("%.2f");
    }
}
