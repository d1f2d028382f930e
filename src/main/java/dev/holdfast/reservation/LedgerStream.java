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

    /** At most {@code most} entries after {@code afterSeq}, oldest first; empty when there are none. */
    Future<List<LedgerEntry>> read(Lane lane, long afterSeq, int most);

    /** Those of the lanes that have entries after the seq given, or that Redis has in another life. Costs little for many lanes. */
    Future<Set<Lane>> grown(Map<Lane, Long> afterSeqs);

    /** Succeeds where Redis answers. */
    Future<Void> ping();

    /** Tells the lane that PostgreSQL has committed all up to here, and drops what Redis needs no longer. */
    Future<Void> trim(Lane lane, long recordedSeq);

    /** The seq of the last entry: less than what is recorded means lost history. */
    Future<Long> lastSeq(Lane lane);
}
