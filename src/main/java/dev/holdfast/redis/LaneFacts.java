package dev.holdfast.redis;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a lane in Redis says about itself, sealed or not.
 *
 * @param present whether there is anything of it
 * @param whole whether it has all that its life had: it is open, or was when it was sealed
 * @param epoch whose its data are; 0 where nobody can tell
 * @param lastSeq of the last entry of that epoch in its ledger that is the lane's own; -1 where there is none
 * @param lastEntry that entry; null where there is none, or where the stream ends with another one
 * @param highestEpoch that it has had or was to get, 0 for none
 * @param recordedSeq how far PostgreSQL had it when it told last
 * @param clockMs Redis's clock without what the lane's time is behind it, ms
 * @param nowMs by the sale's clock, as Redis has its offset
 * @param sale the fields of its sale hash
 */
public record LaneFacts(
        boolean present,
        boolean whole,
        long epoch,
        long lastSeq,
        @Nullable String lastEntry,
        long highestEpoch,
        long recordedSeq,
        long clockMs,
        long nowMs,
        Map<String, String> sale) {

    /** Whether a script wrote it and ended in the middle, so that nobody was told of it. */
    public boolean isUntold(HoldValue kept) {
        return lastSeq >= 0 && kept.seq() > lastSeq;
    }

    /** Keeps its own copy. */
    public LaneFacts {
        sale = Map.copyOf(sale);
    }
}
