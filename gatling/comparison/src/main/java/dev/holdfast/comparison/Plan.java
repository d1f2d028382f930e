package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** What a run does, by the system properties that the pom passes on. */
record Plan(Cast cast, Effort effort, Levels levels, Output output) {

    static Plan fromProperties() {
        return new Plan(
                Cast.fromProperties(), Effort.fromProperties(), Levels.fromProperties(), Output.fromProperties());
    }

    /**
     * Who has their turn in a round, in this order. Two Holdfasts change places from round to round, so that neither always comes
     * after the other.
     */
    List<Entry> turns(int round) {
        List<Entry> turns = new ArrayList<>(cast.entries());
        if (round % 2 == 0 && cast.comparesHoldfasts()) {
            Collections.swap(turns, 0, 1);
        }
        return turns;
    }

    /** What a round measures of an entry, in this order. */
    List<Scenario> scenarios(Entry entry) {
        return Stream.of(
                        Stream.of(Scenario.ONE_SKU, Scenario.MANY_SKUS),
                        levels.of(entry).stream().map(Scenario::active),
                        Stream.of(Scenario.SOLD_OUT, Scenario.SOLD_OUT_KEYLESS, Scenario.HALF_RATE))
                .flatMap(part -> part)
                .filter(scenario -> entry.sells() || scenario.needsNoStock())
                // Only a near cache can tell these two apart, and the ceiling that it is compared with.
                .filter(scenario -> !entry.isPeer() || !scenario.equals(Scenario.SOLD_OUT_KEYLESS))
                .toList();
    }

    /** Accepted holds on one SKU as its active holds grow, from none on. */
    List<Scenario> growth() {
        return Stream.of(
                        Stream.of(Scenario.ONE_SKU),
                        levels.active().stream().map(Scenario::active),
                        levels.most().stream().mapToObj(Scenario::flat))
                .flatMap(part -> part)
                .toList();
    }
}
