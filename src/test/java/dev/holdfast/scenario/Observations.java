package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that was observed of a sale beside what its buyers were told. */
record Observations(List<Observation> single, List<WatchedStock> streams) {

    static final Observations NONE = new Observations(List.of(), List.of());

    Observations {
        single = List.copyOf(single);
        streams = List.copyOf(streams);
    }

    /** Both. */
    Observations and(Observations more) {
        List<Observation> all = new ArrayList<>(single);
        all.addAll(more.single);
        List<WatchedStock> watched = new ArrayList<>(streams);
        watched.addAll(more.streams);
        return new Observations(all, watched);
    }

    /** How many there are of each kind, for people. */
    Map<String, Integer> summary() {
        Map<String, Integer> summary = new TreeMap<>();
        single.forEach(each -> summary.merge(each.getClass().getSimpleName(), 1, Integer::sum));
        streams.forEach(each -> summary.merge("Frame", each.frames().size(), Integer::sum));
        return summary;
    }
}
