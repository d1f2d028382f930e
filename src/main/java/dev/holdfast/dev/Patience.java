package dev.holdfast.dev;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits on a condition that no one announces: a foreign process has started, or ended. */
final class Patience {
    private static final long STEP_MS = 10;

    private Patience() {}

    /** Answers true as soon as the condition holds, false when it still does not after that time or on an interrupt. */
    static boolean until(BooleanSupplier condition, Duration atMost) {
        long endNs = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNs >= 0) {
                return false;
            }
            try {
                Thread.sleep(STEP_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return condition.getAsBoolean();
            }
        }
        return true;
    }
}
