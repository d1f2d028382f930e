package dev.holdfast.redis;

import io.netty.channel.EventLoop;
import io.netty.util.Timeout;
import io.netty.util.Timer;
import io.netty.util.TimerTask;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs lettuce's timers on the event loop, where it would start a thread for them. */
final class LoopTimer implements Timer {

    private final EventLoop loop;

    LoopTimer(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public Timeout newTimeout(TimerTask task, long delay, TimeUnit unit) {
        LoopTimeout timeout = new LoopTimeout(task);
        timeout.scheduled = loop.schedule(timeout, delay, unit);
        return timeout;
    }

    @Override
    public Set<Timeout> stop() {
        return Set.of();
    }

    private final class LoopTimeout implements Timeout, Runnable {

        private final TimerTask task;
        private volatile @Nullable ScheduledFuture<?> scheduled;
        private volatile boolean expired;

        LoopTimeout(TimerTask task) {
            this.task = task;
        }

        @Override
        public void run() {
            expired = true;
            try {
                task.run(this);
            } catch (Exception e) {
                throw new IllegalStateException("a timer of the Redis client failed", e);
            }
        }

        @Override
        public Timer timer() {
            return LoopTimer.this;
        }

        @Override
        public TimerTask task() {
            return task;
        }

        @Override
        public boolean isExpired() {
            return expired;
        }

        @Override
        public boolean isCancelled() {
            ScheduledFuture<?> future = scheduled;
            return future != null && future.isCancelled();
        }

        @Override
        public boolean cancel() {
            ScheduledFuture<?> future = scheduled;
            return future != null && future.cancel(false);
        }
    }
}
