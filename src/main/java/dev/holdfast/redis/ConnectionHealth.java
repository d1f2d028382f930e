package dev.holdfast.redis;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether Redis takes what one connection writes. One refused write, a lost connection or silence is a trouble at once. One that may
 * come and go by itself is over when {@link #PROBES_IN_A_ROW} probes in a row were taken, so that readiness does not go to and fro;
 * after a lost connection or a start of Redis one is enough. Real writes end no trouble: a full Redis takes those that need no memory.
 * Written on the event loop of the connection, read by all threads.
 */
final class ConnectionHealth {

    /** Half a second apart. */
    static final int PROBES_IN_A_ROW = 3;

    /** As often as this in a row Redis must be found to owe replies for long. The first time, this node may have been slow itself. */
    private static final int SILENT_LOOKS = 2;

    private volatile @Nullable RedisTrouble trouble;
    private volatile long writtenNanos = System.nanoTime();
    private int probesTaken;
    private int silentLooks;

    /** Redis refused a write, or is away. */
    void met(RedisTrouble found) {
        trouble = found;
        probesTaken = 0;
    }

    /** The connection is gone. Where Redis refused writes before, that says more, until it cannot be reached again. */
    void lost() {
        RedisTrouble known = trouble;
        met(known == null || known.isAbsence() ? RedisTrouble.DISCONNECTED : known);
    }

    /** Redis took a probe at this moment. */
    void probeTaken(long nowNanos) {
        writtenNanos = nowNanos;
        probesTaken++;
        RedisTrouble known = trouble;
        if (known != null && (known.endsWithOneWrite() || probesTaken >= PROBES_IN_A_ROW)) {
            trouble = null;
        }
    }

    /** Whether Redis owed replies for long when somebody looked. */
    void looked(boolean owesReplies) {
        silentLooks = owesReplies ? silentLooks + 1 : 0;
        if (silentLooks >= SILENT_LOOKS) {
            met(RedisTrouble.SILENT);
        }
    }

    /** Empty where nothing is known to be wrong. */
    Optional<RedisTrouble> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** How long ago Redis took a probe last, or the connection was made, ns. */
    long sinceWrittenNanos() {
        return System.nanoTime() - writtenNanos;
    }
}
