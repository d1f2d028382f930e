package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.cost.LifeCost;
import dev.holdfast.comparison.cost.MemoryCost;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The part of a report about what it costs: Redis' time and memory, and processors. */
final class CostTables {

    private final Plan plan;
    private final Results results;
    private final Markdown text;

    CostTables(Plan plan, Results results, Markdown text) {
        this.plan = plan;
        this.results = results;
        this.text = text;
    }

    void write() {
        if (plan.cast().entries().stream().anyMatch(Entry::isHoldfast)) {
            redisTime();
            redisMemory();
        }
        processes();
    }

    private void redisTime() {
        text.say("## Redis' time for a reservation's life");
        text.say(
                "By INFO commandstats, under the closed loop. A phase's time is that of all script calls from its begin until all of it was"
                        + " recorded, the recorder's, the expirer's and the audits' too, over the holds that were accepted or confirmed. What the"
                        + " recorder reads with commands of its own is not in it. HINCRBY goes to the same Redis in the same minute: one at a time"
                        + " from as many connections as the holds, which is what the bar is judged by, and pipelined. Redis' clock runs on while"
                        + " Redis waits for a core, and under the closed loop it shares them with the service; at half rate more of them is idle.");
        text.table(
                header(),
                List.of(
                        life("hold, us", cost -> cost.rushed().holdMicros()),
                        life("confirm, us", cost -> cost.rushed().confirmMicros()),
                        life("script calls for a hold", cost -> cost.rushed().callsPerHold()),
                        life("script calls for a confirm", cost -> cost.rushed().callsPerConfirm()),
                        life("one HINCRBY, us", LifeCost::incrementMicros),
                        life("one pipelined HINCRBY, us", LifeCost::pipelinedIncrementMicros),
                        life("**hold and confirm, in HINCRBYs**", LifeCost::ratio),
                        life("the same in pipelined HINCRBYs", LifeCost::pipelinedRatio),
                        life("at half rate: hold, us", cost -> cost.calm().holdMicros()),
                        life("at half rate: confirm, us", cost -> cost.calm().confirmMicros()),
                        life("at half rate: hold and confirm, in HINCRBYs", LifeCost::calmRatio)));
    }

    private void redisMemory() {
        text.say("## Redis' memory");
        text.say(
                "Holds are made while PostgreSQL is cut off, so that each has an entry waiting in the ledger: its MEMORY USAGE over its length."
                        + " Then PostgreSQL is back, and all is recorded and trimmed: MEMORY USAGE, every element counted, of the lane's other five"
                        + " keys over the holds that live. used_memory is the whole of Redis, its buffers and other sales included. Carts of one line,"
                        + " customer ids of 12 characters. Measured once: it is the same every time.");
        text.table(
                header(),
                List.of(
                        memory("live holds", MemoryCost::holds),
                        memory("a live hold, bytes", cost -> cost.hold().bytes()),
                        memory("of that in holds", cost -> cost.hold().holds()),
                        memory("of that in buyers", cost -> cost.hold().buyers()),
                        memory("of that in due", cost -> cost.hold().due()),
                        memory("a ledger entry, bytes", MemoryCost::perEntry),
                        memory("growth of used_memory for each hold, bytes", MemoryCost::usedMemoryPerHold)));
    }

    private void processes() {
        text.say("## The processes");
        text.say(
                "Processor time of the contender's own process for each answer, without its servers, and the most memory it had resident.");
        text.table(
                List.of("design", "one SKU, us", "1,000 SKUs, us", "sold out, us", "memory, MiB"),
                plan.cast().entries().stream()
                        .map(entry -> List.of(
                                entry.title(),
                                cpu(entry, Scenario.ONE_SKU),
                                cpu(entry, Scenario.MANY_SKUS),
                                cpu(entry, Scenario.SOLD_OUT),
                                results.residentMebibytes(entry).whole()))
                        .toList());
    }

    private String cpu(Entry entry, Scenario scenario) {
        return results.spread(entry, scenario, sample -> sample.pace().cpuMicros())
                .exact();
    }

    private List<String> header() {
        return Stream.concat(Stream.of(""), holdfasts().map(Entry::title)).toList();
    }

    private List<String> row(String name, Function<Entry, Spread> figure) {
        return Stream.concat(
                        Stream.of(name),
                        holdfasts().map(entry -> figure.apply(entry).exact()))
                .toList();
    }

    private Stream<Entry> holdfasts() {
        return plan.cast().entries().stream().filter(Entry::isHoldfast);
    }

    private List<String> life(String name, ToDoubleFunction<LifeCost> figure) {
        return row(name, entry -> results.lifeCost(entry, figure));
    }

    private List<String> memory(String name, ToDoubleFunction<MemoryCost> figure) {
        return row(name, entry -> results.memoryCost(entry, figure));
    }
}
