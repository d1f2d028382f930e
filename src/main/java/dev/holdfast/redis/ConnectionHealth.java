package dev.holdfast.redis;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether Redis takes what one connection writes. One refused write, a lost connection or silence is a trouble at once; it is over
 * when {@link #PROBES_IN_A_ROW} probes in a row were taken. Real writes end no trouble: a full Redis takes those that need no
 * memory. Written on the event loop of the connection, read by all threads.
 */
final class ConnectionHealth {

    /** Half a second apart, so that readiness changes at most about once a second. */
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

    /** Redis took a probe at this moment. */
    void probeTaken(long nowNanos) {
        writtenNanos = nowNanos;
        probesTaken++;
        if (probesTaken >= PROBES_IN_A_ROW) {
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
