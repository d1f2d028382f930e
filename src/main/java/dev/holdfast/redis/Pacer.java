package dev.holdfast.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * Keeps calls to Redis that are not urgent from taking its time away from others: few are under way at once, and after each of them as
 * much time passes as Redis needed for four more. The busier Redis is, the longer an answer takes and the longer is the rest, so that these
 * calls leave most of its time to others, however many ask. To be used on one event loop.
 */
final class Pacer {

    private static final int REST = 4;

    /** No call takes more than 5 ms of Redis: whatever else an answer waited for, it need not be waited for again. */
    private static final long MOST_REST_MS = 20;

    private final ContextInternal context;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int free;

    /** Lets so many calls go at once. */
    Pacer(Context context, int atOnce) {
        this.context = (ContextInternal) context;
        free = atOnce;
    }

    /** Makes the call when those who came before have had their turn. Fails as the call does. */
    <T> Future<T> call(Supplier<Future<T>> call) {
        Promise<T> result = context.promise();
        waiting.addLast(() -> make(call, result));
        startNext();
        return result.future();
    }

    private void startNext() {
        if (free > 0 && !waiting.isEmpty()) {
            free--;
            waiting.removeFirst().run();
        }
    }

    private <T> void make(Supplier<Future<T>> call, Promise<T> result) {
        long start = System.nanoTime();
        call.get().onComplete(done -> {
            rest(System.nanoTime() - start);
            result.handle(done);
        });
    }

    private void rest(long callNanos) {
        long restMs = Math.min(MOST_REST_MS, 1 + REST * callNanos / 1_000_000);
        context.owner().setTimer(restMs, over -> {
            free++;
            startNext();
        });
    }
}
