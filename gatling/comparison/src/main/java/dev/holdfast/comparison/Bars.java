package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import dev.holdfast.comparison.cost.LifeCost;
import dev.holdfast.comparison.cost.MemoryCost;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What Holdfast set itself to reach, and whether this run reached it. */
final class Bars {

    private static final long COMPARED_HOLDS = 20_000;
    private static final long MANY_HOLDS = 1_000_000;

    private final Results results;
    private final Levels levels;

    Bars(Results results, Levels levels) {
        this.results = results;
        this.levels = levels;
    }

    /** All of them, in the order of a reservation's way. */
    List<Bar> all() {
        return List.of(
                Bar.atLeast(0.25, "accepted holds, as part of the ceiling", ofCeiling(Scenario.ONE_SKU))
                        .aiming(0.4),
                Bar.atLeast(20, "accepted holds against design (a), both with 20,000 active holds", againstSum())
                        .aiming(40),
                Bar.atLeast(0.8, flatText(), flat()),
                Bar.atLeast(0.7, "refusals when sold out, as part of the ceiling", ofCeiling(Scenario.SOLD_OUT)),
                Bar.atLeast(0.7, "the same without an Idempotency-Key", ofCeiling(Scenario.SOLD_OUT_KEYLESS)),
                Bar.atLeast(
                        0.5,
                        "recorded in PostgreSQL during the burst, as part of accepted",
                        of(sample -> sample.recorded().perSecond() / sample.perSecond(), Scenario.ONE_SKU)),
                Bar.atMost(1, "time until the backlog was gone, as part of the burst's length", backlog()),
                Bar.atMost(3, "p99 at half rate, against the ceiling's at that rate", p99()),
                Bar.atMost(250, "slowest answer at half rate, ms", slowest()),
                Bar.atMost(70, "Redis time of hold and confirm, in HINCRBYs", life(LifeCost::ratio))
                        .aiming(35),
                Bar.atMost(
                        400,
                        "memory in Redis of a live hold, bytes",
                        memory(cost -> cost.hold().bytes())),
                Bar.atMost(120, "memory in Redis of a ledger entry, bytes", memory(MemoryCost::perEntry)));
    }

    private Spread ofCeiling(Scenario scenario) {
        return results.ratio(Entry.HOLDFAST, scenario, Entry.BARE, scenario);
    }

    private Spread againstSum() {
        Scenario busy = Scenario.active(COMPARED_HOLDS);
        return results.ratio(Entry.HOLDFAST, busy, Entry.SUM_UNDER_ROW_LOCK, busy);
    }

    private String flatText() {
        return String.format(
                Locale.ROOT,
                "rate with %,d active holds, as part of the rate with %,d",
                levels.flat() > 0 ? levels.flat() : MANY_HOLDS,
                Levels.FEW);
    }

    private Spread flat() {
        return results.ratio(Entry.HOLDFAST, Scenario.flat(levels.flat()), Entry.HOLDFAST, Scenario.flat(Levels.FEW));
    }

    private Spread backlog() {
        return of(sample -> sample.recorded().backlogSeconds() / sample.pace().burstSeconds(), Scenario.ONE_SKU);
    }

    private Spread p99() {
        return results.ratio(
                Entry.HOLDFAST,
                Entry.BARE,
                Scenario.HALF_RATE,
                sample -> sample.latency().p99());
    }

    /** The worst of all rounds, because the aim says none. */
    private Spread slowest() {
        Spread slowest = of(sample -> sample.latency().most(), Scenario.HALF_RATE);
        return new Spread(slowest.most(), slowest.least(), slowest.most(), slowest.runs());
    }

    private Spread life(ToDoubleFunction<LifeCost> figure) {
        return results.lifeCost(Entry.HOLDFAST, figure);
    }

    private Spread memory(ToDoubleFunction<MemoryCost> figure) {
        return results.memoryCost(Entry.HOLDFAST, figure);
    }

    private Spread of(ToDoubleFunction<Sample> figure, Scenario scenario) {
        return results.spread(Entry.HOLDFAST, scenario, figure);
    }
}
