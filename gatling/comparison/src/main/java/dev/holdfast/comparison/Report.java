package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.cost.DiskSync;
import dev.holdfast.comparison.server.Folder;
import dev.holdfast.comparison.server.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** The Markdown file of a run, and its plot. */
final class Report {

    private final Plan plan;
    private final Results results;
    private final Cells cells;
    private final Markdown text = new Markdown();

    Report(Plan plan, Results results) {
        this.plan = plan;
        this.results = results;
        this.cells = new Cells(plan, results);
    }

    /** Writes both; the plot has the report's name. */
    void write() throws IOException {
        Files.createDirectories(plan.output().report().toAbsolutePath().getParent());
        Files.writeString(plan.output().plot(), new Plot(plan, results).svg());
        head();
        bars();
        new TwoHoldfasts(plan, results, text).write();
        new RateTables(plan, results, text).write();
        halfRate();
        recording();
        new CostTables(plan, results, text).write();
        checks();
        Files.writeString(plan.output().report(), text.toString());
    }

    private void head() {
        Effort effort = plan.effort();
        text.say("# Results of the comparison");
        text.say("Written by the run itself; README.md tells what the designs are and how to read this.");
        text.say("""
                | | |
                |---|---|
                | command | `%s` |
                | date | %s |
                | machine | %s |
                | Java | %s, `%s` for each contender |
                | versions | %s |
                | load | %d rounds, %.1f s a measurement after %.0f to %.0f s of warm-up, %d connections, on the same cores |
                | durability | PostgreSQL fsync and synchronous_commit on, Redis appendfsync always, both on %s |
                | checks | %s |""".formatted(
                        plan.output().command(),
                        LocalDate.now(ZoneOffset.UTC),
                        Machine.describe(),
                        Machine.java(),
                        String.join(" ", plan.cast().holdfast().jvm().flags()),
                        RedisServer.version() + ", " + plan.output().versions(),
                        effort.rounds(),
                        effort.time().toMillis() / 1000.0,
                        effort.leastWarmUp().toMillis() / 1000.0,
                        effort.mostWarmUp().toMillis() / 1000.0,
                        effort.connections(),
                        Folder.fileSystem(),
                        results.allRight() ? "all right, see the end" : "**some were wrong**, see the end"));
        text.say("Figures are medians of the rounds, with the least and the most. Ratios are taken within a round.");
    }

    private void bars() {
        if (!plan.cast().entries().contains(Entry.HOLDFAST)) {
            return;
        }
        text.say("## Holdfast against its bars");
        text.table(
                List.of("bar", "wanted", "found", "runs", ""),
                new Bars(results, plan.levels())
                        .all().stream()
                                .map(bar -> List.of(
                                        bar.text(),
                                        bar.goal(),
                                        bar.found().exact(),
                                        Integer.toString(bar.found().runs()),
                                        bar.verdict()))
                                .toList());
        text.say(
                "An accepted hold of Holdfast waits for the disk, the ceiling's answer for nothing: one fsync took %s ms here (p50), %s ms (p99)."
                        .formatted(
                                results.diskSync(DiskSync::p50).exact(),
                                results.diskSync(DiskSync::p99).exact()));
    }

    private void halfRate() {
        text.say("## Latency at half rate");
        text.say(
                "One SKU, requests due at half of the rate that the design reached above, and latency counted from when a request was"
                        + " due. The ceiling is asked for Holdfast's rate; it writes nothing. All others answer when a disk has what they say: the last"
                        + " line is what that takes when nobody else asks the disk, a few hundred bytes and one fdatasync at a time.");
        Scenario scenario = Scenario.HALF_RATE;
        List<List<String>> rows = new ArrayList<>(cells.rows(
                scenario,
                entry -> List.of(
                        cells.rate(entry, scenario),
                        cells.latency(entry, scenario, Sample.Latency::p50),
                        cells.latency(entry, scenario, Sample.Latency::p99),
                        cells.latency(entry, scenario, Sample.Latency::p999),
                        cells.latency(entry, scenario, Sample.Latency::most))));
        rows.add(List.of(
                "one fsync of this disk",
                "",
                results.diskSync(DiskSync::p50).exact(),
                results.diskSync(DiskSync::p99).exact(),
                "",
                ""));
        text.table(List.of("design", "accepted/s", "p50 ms", "p99 ms", "p99.9 ms", "slowest ms"), rows);
    }

    private void recording() {
        text.say("## How far PostgreSQL is behind Holdfast");
        text.say("The other designs answer after their commit; Holdfast answers before, and records all the while.");
        List<Scenario> recorded = new ArrayList<>(plan.growth());
        recorded.add(1, Scenario.MANY_SKUS);
        List<List<String>> rows = recorded.stream()
                .filter(scenario -> !results.of(Entry.HOLDFAST, scenario).isEmpty())
                .map(scenario -> List.of(
                        scenario.word(),
                        cells.rate(Entry.HOLDFAST, scenario),
                        results.spread(
                                        Entry.HOLDFAST,
                                        scenario,
                                        sample -> sample.recorded().perSecond())
                                .whole(),
                        results.spread(
                                        Entry.HOLDFAST,
                                        scenario,
                                        sample -> sample.recorded().backlogSeconds())
                                .exact()))
                .toList();
        text.table(List.of("measurement", "accepted/s", "recorded/s meanwhile", "then all recorded after s"), rows);
    }

    private void checks() {
        text.say("## Was it right?");
        text.say(
                "Every sale above, and one sale a round that is sold to the last unit with every request sent three times, was compared"
                        + " with the books afterwards.");
        List<List<String>> rows = plan.cast().entries().stream()
                .filter(Entry::sells)
                .map(entry -> {
                    Verdict verdict = results.verdict(entry);
                    return List.of(
                            entry.title(),
                            Long.toString(results.checks(entry)),
                            Long.toString(verdict.oversold()),
                            Long.toString(verdict.leaked() + verdict.invented()),
                            Long.toString(verdict.lost()),
                            Long.toString(verdict.unasked()),
                            Long.toString(results.others(entry)),
                            verdict.right() ? "right" : "**wrong**");
                })
                .toList();
        text.table(
                List.of(
                        "design",
                        "sales checked",
                        "oversold",
                        "leaked",
                        "lost",
                        "second effects",
                        "errors answered",
                        "verdict"),
                rows);
    }
}
