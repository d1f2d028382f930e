package dev.holdfast.comparison;

import dev.holdfast.comparison.contender.Entry;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Numbers of holds that a sale has before a measurement begins; 0 for those that are not to be measured.
 *
 * @param active of Holdfast
 * @param peers of the others, whose prefilling would else be half of the run
 * @param flat that Holdfast's rate is measured with, in turn with few
 * @param memory that Redis' memory is measured with
 */
record Levels(List<Long> active, List<Long> peers, long flat, long memory) {

    /** What the rate with many is compared with. */
    static final long FEW = 1000;

    static Levels fromProperties() {
        return new Levels(
                numbers("activeHolds").toList(),
                numbers("peerActiveHolds").toList(),
                Long.parseLong(Property.text("flatHolds")),
                Long.parseLong(Property.text("memoryHolds")));
    }

    List<Long> of(Entry entry) {
        return entry.isPeer() ? peers : active;
    }

    /** The most that anything is measured with; empty if flat is not to be measured. */
    OptionalLong most() {
        return flat > 0 ? OptionalLong.of(flat) : OptionalLong.empty();
    }

    private static Stream<Long> numbers(String name) {
        return Property.list(name).map(Long::valueOf);
    }
}
