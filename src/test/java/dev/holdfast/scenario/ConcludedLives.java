package dev.holdfast.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * Lives of a lane in which nobody sold anything: a rebuild wrote their entries into PostgreSQL for what had happened before. They do not begin
 * as lives in Redis do.
 */
record ConcludedLives(List<Life> lives) {

    /**
     * One of them.
     *
     * @param first place of its first entry
     * @param last place of its last entry
     */
    record Life(long epoch, long first, long last) {

        /** That the lane got by the rebuild: decision 0031. */
        long rebuiltEpoch() {
            return epoch + 1;
        }
    }

    static ConcludedLives in(NavigableMap<Long, String> ledger, Epochs epochs) {
        List<Life> lives = new ArrayList<>();
        NavigableMap<Long, Long> befores = epochs.lives();
        for (Map.Entry<Long, Long> life : befores.entrySet()) {
            Map.Entry<Long, Long> next = befores.higherEntry(life.getKey());
            long first = life.getValue() + 1;
            String begins = ledger.getOrDefault(first, "");
            if (!begins.startsWith("sale ") && !begins.startsWith("rebuilt ")) {
                lives.add(new Life(life.getKey(), first, next == null ? ledger.lastKey() : next.getValue()));
            }
        }
        return new ConcludedLives(List.copyOf(lives));
    }

    /** Whether the entry at this place is in one of them. */
    boolean has(long place) {
        return lives.stream().anyMatch(life -> life.first() <= place && place <= life.last());
    }
}
