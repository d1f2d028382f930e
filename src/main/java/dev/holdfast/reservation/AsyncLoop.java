package dev.holdfast.reservation;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Repeats asynchronous steps one after the other with a constant stack depth. A chain of futures in which each step is composed into
 * the one before unwinds all of them at its end: at some thousand steps that overflows the stack, and the chain never completes.
 */
public final class AsyncLoop {

    private final Supplier<Future<Boolean>> step;
    private final Promise<Void> ended = Promise.promise();
    /** How often the loop was asked to go on while it was going on: only the first asker runs it. */
    private final AtomicInteger wanted = new AtomicInteger();

    private AsyncLoop(Supplier<Future<Boolean>> step) {
        this.step = step;
    }

    /**
     * Takes the step, and takes it again for as long as it answers true; at most one is under way. Ends with the first failure, also
     * where the step throws. Steps run on the caller's context if their futures complete there.
     */
    public static Future<Void> whileTrue(Supplier<Future<Boolean>> step) {
        AsyncLoop loop = new AsyncLoop(step);
        loop.goOn();
        return loop.ended.future();
    }

    /** A step that has completed already comes back into this method while it still runs: then only its loop goes round again. */
    private void goOn() {
        if (wanted.getAndIncrement() > 0) {
            return;
        }
        do {
            Future<Boolean> done;
            try {
                done = step.get();
            } catch (RuntimeException e) {
                ended.fail(e);
                return;
            }
            done.onComplete(result -> {
                if (result.failed()) {
                    ended.fail(result.cause());
                } else if (result.result()) {
                    goOn();
                } else {
                    ended.complete();
                }
            });
        } while (wanted.decrementAndGet() > 0);
    }
}
