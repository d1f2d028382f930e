package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The part of a report that compares two jars or two sets of JVM flags, round by round. */
final class TwoHoldfasts {

    private final Plan plan;
    private final Results results;
    private final Markdown text;

    TwoHoldfasts(Plan plan, Results results, Markdown text) {
        this.plan = plan;
        this.results = results;
        this.text = text;
    }

    void write() {
        if (!plan.cast().comparesHoldfasts()) {
            return;
        }
        text.say("## Holdfast B against Holdfast");
        text.say(
                "B runs %s with `%s`. Figures are B's over the other's in the same round: where the spread has 1 in it, nothing was found."
                        .formatted(
                                plan.cast().holdfastB().jar().getFileName(),
                                String.join(" ", plan.cast().holdfastB().jvm().flags())));
        text.table(
                List.of("measurement", "rate", "p50", "p99", "p99.9", "processor time"),
                plan.scenarios(Entry.HOLDFAST_B).stream().map(this::row).toList());
        text.say(
                "Script time of Redis for hold and confirm: B takes %s us, the other %s us. Most memory resident: B %s MiB, the other %s MiB."
                        .formatted(
                                life(Entry.HOLDFAST_B),
                                life(Entry.HOLDFAST),
                                results.residentMebibytes(Entry.HOLDFAST_B).whole(),
                                results.residentMebibytes(Entry.HOLDFAST).whole()));
    }

    private List<String> row(Scenario scenario) {
        return List.of(
                scenario.word(),
                ratio(scenario, Sample::perSecond),
                ratio(scenario, sample -> sample.latency().p50()),
                ratio(scenario, sample -> sample.latency().p99()),
                ratio(scenario, sample -> sample.latency().p999()),
                ratio(scenario, sample -> sample.pace().cpuMicros()));
    }

    private String ratio(Scenario scenario, ToDoubleFunction<Sample> figure) {
        return results.ratio(Entry.HOLDFAST_B, Entry.HOLDFAST, scenario, figure).ratio();
    }

    private String life(Entry entry) {
        return results.lifeCost(entry, cost -> cost.rushed().micros()).exact();
    }
}
