package dev.holdfast.comparison.contender;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Waits for what was acknowledged to reach PostgreSQL. */
public final class Recording {

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

    private Recording() {}

    /** Answers how long it took until so many holds of a sale were recorded. */
    public static Duration await(Contender contender, String saleId, long holds) {
        return await("holds of " + saleId, () -> contender.recorded(saleId), holds);
    }

    /** Answers how long it took until so many of anything were counted. */
    static Duration await(String what, LongSupplier counted, long wanted) {
        long start = System.nanoTime();
        long count = counted.getAsLong();
        while (count < wanted) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "only " + count + " of " + wanted + ' ' + what + " were recorded after " + PATIENCE);
            }
            LockSupport.parkNanos(LOOK_NANOS);
            count = counted.getAsLong();
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
