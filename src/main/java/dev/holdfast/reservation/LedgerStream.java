package dev.holdfast.reservation;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A lane's history in Redis, as far as it waits to be recorded. Every method fails with {@link StaleLane} where Redis has
 * another life of the lane or none, and with {@link Unavailable} while Redis is away.
 */
public interface LedgerStream {

    /**
     * At most {@code most} entries after {@code afterSeq}, oldest first; empty when there are none. What another life of the lane left
     * behind them is not among them.
     */
    Future<List<LedgerEntry>> read(Lane lane, long afterSeq, int most);

    /** Those of the lanes that have entries after the seq given, or that Redis has in another life. Costs little for many lanes. */
    Future<Set<Lane>> grown(Map<Lane, Long> afterSeqs);

    /** Succeeds where Redis answers. */
    Future<Void> ping();

    /**
     * Tells the lane how far PostgreSQL has it, and drops what Redis need not keep any longer; false where a later life of the database
     * has told: then nothing was changed.
     */
    Future<Boolean> trim(Lane lane, Recorded recorded);

    /** The seq of the last entry: less than what is recorded means lost history. */
    Future<Long> lastSeq(Lane lane);

    /** Both ends of what is not recorded yet, as Redis knows them. */
    Future<LedgerPosition> position(Lane lane);
}
