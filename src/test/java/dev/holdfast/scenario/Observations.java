package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;

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

    /** How many of this kind there are. */
    long count(Class<? extends Observation> kind) {
        return single.stream().filter(kind::isInstance).count();
    }
}
