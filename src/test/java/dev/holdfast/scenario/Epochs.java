package dev.holdfast.scenario;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Counts the entries of a sale on over all lives of its lane: the place of an entry, where there was one life only, is its seq. */
final class Epochs {

    private long epoch;
    private long before;
    private long last;
    private final NavigableMap<Long, Long> befores = new TreeMap<>();

    /** The place of an entry; to be asked in the order of epochs and seqs. */
    long next(long epoch, long seq) {
        if (epoch != this.epoch) {
            this.epoch = epoch;
            before = last;
            befores.put(epoch, before);
        }
        last = place(seq);
        return last;
    }

    /** The place of an entry of the present life. */
    long place(long seq) {
        return before + seq;
    }

    /** The place of an entry of any life; one of which there are no entries begins where the life before it ended. */
    long place(long epoch, long seq) {
        Map.Entry<Long, Long> following = befores.ceilingEntry(epoch);
        return (following == null ? last : following.getValue()) + seq;
    }

    /** By the epochs of which there are entries, the place before the first of them. */
    NavigableMap<Long, Long> lives() {
        return Collections.unmodifiableNavigableMap(befores);
    }

    /** What a stream has of the present life, by place. */
    NavigableMap<Long, String> places(NavigableMap<Long, String> stream) {
        NavigableMap<Long, String> places = new TreeMap<>();
        // The mark of a later life would be where the life before it ended.
        stream.tailMap(before == 0 ? 0L : 1L).forEach((seq, text) -> places.put(place(seq), text));
        return places;
    }

    /**
     * The lane with places instead of seqs in its holds. What was restored by a rebuild has none: there it is the place of what
     * happened last.
     */
    LaneState places(LaneState lane, NavigableMap<Long, String> ledger) {
        Map<String, Long> lastPlaces = new HashMap<>();
        ledger.forEach((place, text) -> {
            if (LedgerLine.parse(place, text) instanceof LedgerLine.Change change) {
                lastPlaces.put(change.id(), place);
            }
        });
        Map<String, String> holds = new HashMap<>();
        lane.holds().forEach((id, packed) -> {
            String[] words = packed.split(" ", 4);
            long seq = Long.parseLong(words[2]);
            long place = seq == 0 ? lastPlaces.getOrDefault(id, 0L) : place(seq);
            holds.put(id, words[0] + ' ' + words[1] + ' ' + place + ' ' + words[3]);
        });
        return new LaneState(lane.stock(), lane.buyers(), holds, lane.due());
    }
}
