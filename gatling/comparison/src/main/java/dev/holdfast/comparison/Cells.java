package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Figures as tables show them. */
final class Cells {

    private final Plan plan;
    private final Results results;

    Cells(Plan plan, Results results) {
        this.plan = plan;
        this.results = results;
    }

    /** A row for each entry that the scenario was measured of. */
    List<List<String>> rows(Scenario scenario, Function<Entry, List<String>> cells) {
        return plan.cast().entries().stream()
                .filter(entry -> !results.of(entry, scenario).isEmpty())
                .map(entry -> {
                    List<String> row = new ArrayList<>(List.of(entry.title()));
                    row.addAll(cells.apply(entry));
                    return row;
                })
                .toList();
    }

    String rate(Entry entry, Scenario scenario) {
        return results.spread(entry, scenario, Sample::perSecond).whole();
    }

    String ofCeiling(Entry entry, Scenario scenario) {
        return results.ratio(entry, scenario, Entry.BARE, scenario).ratio();
    }

    String latency(Entry entry, Scenario scenario, Function<Sample.Latency, Double> part) {
        return results.spread(entry, scenario, sample -> part.apply(sample.latency()))
                .exact();
    }
}
