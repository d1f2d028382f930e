package dev.holdfast.comparison.contender;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for what was acknowledged to reach PostgreSQL. */
public final class Recording {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

    private Recording() {}

    /** Answers how long it took until so many holds of a sale were recorded. */
    public static Duration await(Contender contender, String saleId, long holds) {
        long start = System.nanoTime();
        long recorded = contender.recorded(saleId);
        while (recorded < holds) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException("only " + recorded + " of " + holds + " holds of " + saleId
                        + " were recorded after " + PATIENCE);
            }
            LockSupport.parkNanos(LOOK_NANOS);
            recorded = contender.recorded(saleId);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
