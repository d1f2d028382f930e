package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What Holdfast set itself to reach, and whether this run reached it. */
final class Bars {

    private static final long COMPARED_HOLDS = 20_000;

    private final Results results;
    private final List<Long> activeHolds;

    Bars(Results results, List<Long> activeHolds) {
        this.results = results;
        this.activeHolds = activeHolds;
    }

    /**
     * One aim.
     *
     * @param found NaN if this run did not measure it
     * @param met whether the median meets it
     */
    record Bar(String text, Spread found, boolean met) {

        static Bar atLeast(double wanted, String text, Spread found) {
            return new Bar(text + " >= " + plain(wanted), found, found.median() >= wanted);
        }

        static Bar atMost(double wanted, String text, Spread found) {
            return new Bar(text + " <= " + plain(wanted), found, found.median() <= wanted);
        }

        private static String plain(double number) {
            return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
        }

        String verdict() {
            if (!found.known()) {
                return "not measured";
            }
            return met ? "met" : "**missed**";
        }

        String figure() {
            return found.known()
                    ? String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", found.median(), found.least(), found.most())
                    : "";
        }
    }

    List<Bar> all() {
        List<Bar> bars = new ArrayList<>();
        bars.add(Bar.atLeast(0.25, "accepted holds, as part of the ceiling", ratioToCeiling(Scenario.ONE_SKU)));
        bars.add(Bar.atLeast(20, "accepted holds against design (a), both with 20,000 active holds", againstSum()));
        if (activeHolds.size() > 1) {
            bars.add(Bar.atLeast(0.8, flatText(), flat()));
        }
        bars.add(Bar.atLeast(0.7, "refusals when sold out, as part of the ceiling", ratioToCeiling(Scenario.SOLD_OUT)));
        bars.add(Bar.atLeast(
                0.5,
                "recorded in PostgreSQL during the burst, as part of accepted",
                of(sample -> sample.recordedPerSecond() / sample.perSecond(), Scenario.ONE_SKU)));
        bars.add(Bar.atMost(1, "time until the backlog was gone, as part of the burst's length", backlog()));
        bars.add(Bar.atMost(3, "p99 at half rate, against the ceiling's at that rate", p99()));
        bars.add(Bar.atMost(250, "slowest answer at half rate, ms", slowest()));
        return bars;
    }

    private Spread ratioToCeiling(Scenario scenario) {
        return results.ratio(Entry.HOLDFAST, scenario, Entry.BARE, Scenario.ONE_SKU);
    }

    private Spread againstSum() {
        Scenario busy = Scenario.active(COMPARED_HOLDS);
        return results.ratio(Entry.HOLDFAST, busy, Entry.SUM_UNDER_ROW_LOCK, busy);
    }

    private String flatText() {
        return String.format(
                Locale.ROOT,
                "rate with %,d active holds, as part of the rate with %,d",
                activeHolds.getLast(),
                activeHolds.getFirst());
    }

    private Spread flat() {
        return results.ratio(
                Entry.HOLDFAST,
                Scenario.active(activeHolds.getLast()),
                Entry.HOLDFAST,
                Scenario.active(activeHolds.getFirst()));
    }

    private Spread backlog() {
        return of(sample -> sample.backlogSeconds() / sample.burstSeconds(), Scenario.ONE_SKU);
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
        return new Spread(slowest.most(), slowest.least(), slowest.most());
    }

    private Spread of(ToDoubleFunction<Sample> figure, Scenario scenario) {
        return results.spread(Entry.HOLDFAST, scenario, figure);
    }
}
