package dev.holdfast.comparison;

import dev.holdfast.comparison.check.Verdict;
import dev.holdfast.comparison.contender.Contender;
import dev.holdfast.comparison.load.Load;
import dev.holdfast.comparison.load.LoadGenerator;
import dev.holdfast.comparison.load.LoadResult;
import java.io.IOException;
import java.time.Duration;

/**
 * Lets a contender's JVM compile what it will run: load until its rate is steady. Over many SKUs first: waiting for one row or
 * lock, some designs would do too little to be compiled.
 */
final class WarmUp {

    private static final String SALE = "warm-up";
    private static final long CAPACITY = 100_000_000;
    private static final Duration LONGEST_WINDOW = Duration.ofMillis(1500);

    /** Two windows that differ by less are steady. */
    private static final double STEADY = 0.05;

    /** Between first numbers of windows: more than a window can send. */
    private static final long NUMBERS = 10_000_000;

    private final Effort effort;
    private final Contender contender;
    private final Duration window;
    private long accepted;
    private long unknown;
    private int windows;

    WarmUp(Effort effort, Contender contender) {
        this.effort = effort;
        this.contender = contender;
        Duration half = effort.mostWarmUp().dividedBy(2);
        window = half.compareTo(LONGEST_WINDOW) < 0 ? half : LONGEST_WINDOW;
    }

    /** Answers what the checks say of it. */
    Verdict run() throws IOException {
        contender.openSale(SALE, Scenario.MANY_SKUS.skus(), CAPACITY);
        loadUntilSteady(Scenario.MANY_SKUS.skus());
        loadUntilSteady(Scenario.ONE_SKU.skus());
        return Verdict.of(contender.books(SALE), accepted, unknown);
    }

    private void loadUntilSteady(int skus) throws IOException {
        long startNanos = System.nanoTime();
        double before = 0;
        double now = window(skus);
        while (isShorterThanHalfOf(effort.leastWarmUp(), startNanos)
                || (isShorterThanHalfOf(effort.mostWarmUp(), startNanos) && Math.abs(now / before - 1) > STEADY)) {
            before = now;
            now = window(skus);
        }
    }

    private static boolean isShorterThanHalfOf(Duration time, long startNanos) {
        return System.nanoTime() - startNanos < time.toNanos() / 2;
    }

    private double window(int skus) throws IOException {
        LoadResult result = LoadGenerator.run(Load.closed(
                contender.port(), contender.requests(SALE, skus), windows * NUMBERS, effort.connections(), window));
        windows++;
        accepted += result.accepted();
        unknown += result.unknown();
        return result.acceptedPerSecond();
    }
}
