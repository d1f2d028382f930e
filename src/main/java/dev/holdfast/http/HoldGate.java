package dev.holdfast.http;

import dev.holdfast.metrics.Metrics;
import io.vertx.core.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Turns holds away where more of them wait than can be answered in time, so that every other call finds its way to Redis. One
 * for each event loop.
 */
public final class HoldGate {

    /** Seconds: those who were turned away at one moment should not come back at one moment. */
    private static final int RETRY_AFTER_MOST = 3;

    private final int mostWaiting;
    private final BooleanSupplier redisKeepsUp;
    private final Metrics metrics;
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * Open at first.
     *
     * @param mostWaiting holds of this event loop that may wait for an answer
     * @param redisKeepsUp whether its connection has no backlog of its own; asked on the event loop
     */
    public HoldGate(int mostWaiting, BooleanSupplier redisKeepsUp, Metrics metrics) {
        this.mostWaiting = mostWaiting;
        this.redisKeepsUp = redisKeepsUp;
        this.metrics = metrics;
    }

    /** Whether one more hold may come in. */
    boolean isOpen() {
        return waiting.get() < mostWaiting && redisKeepsUp.getAsBoolean();
    }

    /** Counts the hold as waiting until it is answered. */
    <T> Future<T> within(Future<T> hold) {
        waiting.incrementAndGet();
        return hold.onComplete(answered -> waiting.decrementAndGet());
    }

    /** What a hold is told that finds it closed. */
    Problem turnAway() {
        metrics.shedHold();
        int seconds = ThreadLocalRandom.current().nextInt(1, RETRY_AFTER_MOST + 1);
        return Problem.of(ProblemCode.OVERLOADED, "Too many reservations wait already. Nothing was done.")
                .with("retry-after", Integer.toString(seconds));
    }
}
