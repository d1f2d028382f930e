package dev.holdfast.redis;

import dev.holdfast.reservation.Unavailable;
import io.lettuce.core.RedisFuture;
import io.netty.channel.EventLoop;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Replies that are waited for on one event loop, each at most the command time-out. All wait equally long and Redis answers in
 * order, so that a queue and one timer do. Used on the loop only.
 */
final class PendingReplies {

    private final EventLoop loop;
    private final Duration timeout;
    private final Consumer<Throwable> onError;
    private final ConnectionHealth health;
    private final ArrayDeque<Pending<?>> oldestFirst = new ArrayDeque<>();
    private boolean timerIsSet;
    private int unanswered;
    private long owedSinceNanos;
    private boolean isWatched;
    private boolean silent;
    private Runnable onceAnswered = () -> {};

    /** Tells the health of every write that Redis refuses, and the connection of each error that it answers. */
    PendingReplies(EventLoop loop, Duration timeout, ConnectionHealth health, Consumer<Throwable> onError) {
        this.loop = loop;
        this.timeout = timeout;
        this.health = health;
        this.onError = onError;
    }

    /** Commands that Redis has not answered, those included whose callers gave up: Redis will still work on them. */
    int unanswered() {
        return unanswered;
    }

    /** How long Redis has owed replies and given none, ns; 0 where it owes none. */
    long owedNanos() {
        return unanswered == 0 ? 0 : System.nanoTime() - owedSinceNanos;
    }

    /** Whether Redis has owed replies for half of the time-out, and given none. */
    boolean isSilent() {
        return silent;
    }

    /** Calls back, once, when no command waits for an answer any more. */
    void whenAllAreAnswered(Runnable action) {
        if (unanswered == 0) {
            action.run();
        } else {
            onceAnswered = action;
        }
    }

    /** Completes the promise with the reply, or fails it at the time-out, when the reply may still come. */
    <T> void await(RedisFuture<T> reply, String what, Effect effect, Promise<T> promise) {
        long now = System.nanoTime();
        Pending<T> pending = new Pending<>(what, effect, now + timeout.toNanos(), promise);
        if (unanswered++ == 0) {
            owedSinceNanos = now;
        }
        watch();
        oldestFirst.addLast(pending);
        setTimer();
        reply.whenComplete((value, failure) -> answered(pending, value, failure));
    }

    private <T> void answered(Pending<T> pending, @Nullable T value, @Nullable Throwable failure) {
        unanswered--;
        owedSinceNanos = System.nanoTime();
        silent = false;
        if (failure != null && pending.effect == Effect.CHANGES) {
            RedisTrouble.of(failure).ifPresent(health::met);
        }
        if (failure == null && pending.isStale(owedSinceNanos)) {
            pending.giveUp(timeout);
        } else {
            pending.answer(value, failure);
        }
        dropDone();
        if (failure != null) {
            onError.accept(failure);
        }
        if (unanswered == 0) {
            Runnable waiting = onceAnswered;
            onceAnswered = () -> {};
            waiting.run();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it is never cancelled, and timeOut does not throw
    private void setTimer() {
        Pending<?> oldest = oldestFirst.peekFirst();
        if (oldest != null && !timerIsSet) {
            timerIsSet = true;
            loop.schedule(this::timeOut, oldest.deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    /** By a timer, not by the clock: where this loop itself stood still, it reads the replies that came meanwhile before it looks. */
    @SuppressWarnings("FutureReturnValueIgnored") // it is never cancelled, and look does not throw
    private void watch() {
        if (unanswered > 0 && !isWatched) {
            isWatched = true;
            loop.schedule(this::look, silentFromNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        isWatched = false;
        silent = unanswered > 0 && silentFromNanos() - System.nanoTime() <= 0;
        if (!silent) {
            watch();
        }
    }

    private long silentFromNanos() {
        return owedSinceNanos + timeout.toNanos() / 2;
    }

    private void timeOut() {
        timerIsSet = false;
        long now = System.nanoTime();
        dropDone();
        for (Pending<?> oldest = oldestFirst.peekFirst();
                oldest != null && oldest.deadlineNanos - now <= 0;
                oldest = oldestFirst.peekFirst()) {
            oldest.giveUp(timeout);
            dropDone();
        }
        setTimer();
    }

    private void dropDone() {
        while (!oldestFirst.isEmpty() && oldestFirst.getFirst().promise == null) {
            oldestFirst.removeFirst();
        }
    }

    private static final class Pending<T> {

        /** So long after its deadline a reply is none: this node stood still meanwhile, and what it says may be untrue by now. */
        private static final long LATEST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

        private final String what;
        private final Effect effect;
        private final long deadlineNanos;
        private @Nullable Promise<T> promise;

        Pending(String what, Effect effect, long deadlineNanos, Promise<T> promise) {
            this.what = what;
            this.effect = effect;
            this.deadlineNanos = deadlineNanos;
            this.promise = promise;
        }

        boolean isStale(long nowNanos) {
            return nowNanos - deadlineNanos > LATEST_NANOS;
        }

        void answer(@Nullable T value, @Nullable Throwable failure) {
            Promise<T> waiting = taken();
            if (waiting == null) {
                return;
            }
            if (failure == null) {
                waiting.complete(value);
            } else {
                waiting.fail(RedisFailures.ofReply(what, effect, failure));
            }
        }

        void giveUp(Duration timeout) {
            Promise<T> waiting = taken();
            if (waiting != null) {
                waiting.fail(new Unavailable(
                        RedisFailures.withoutReply(effect),
                        what + ": no reply in " + timeout.toMillis() + " ms",
                        null));
            }
        }

        private @Nullable Promise<T> taken() {
            Promise<T> waiting = promise;
            promise = null;
            return waiting;
        }
    }
}
