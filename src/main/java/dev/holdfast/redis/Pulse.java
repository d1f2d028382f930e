package dev.holdfast.redis;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that an event loop stood still, because its process was stopped, its machine paused or its memory was cleaned up: what it
 * knew before may be untrue. Used on the loop only.
 */
final class Pulse {

    /** What was known before a shorter standstill counts as it would without one: calls themselves may take as long. */
    static final Duration STANDSTILL = Duration.ofSeconds(1);

    private static final long BEAT_MS = 200;

    private final EventLoop loop;
    private long lastBeatNanos = System.nanoTime();
    private boolean stoodStill;
    private @Nullable ScheduledFuture<?> beats;

    Pulse(EventLoop loop) {
        this.loop = loop;
    }

    void start() {
        lastBeatNanos = System.nanoTime();
        beats = loop.scheduleAtFixedRate(this::beat, BEAT_MS, BEAT_MS, TimeUnit.MILLISECONDS);
    }

    void stop() {
        if (beats != null) {
            beats.cancel(false);
        }
    }

    /** Whether the loop stood still since this was asked last. What waits in its sockets is handled before it beats again, so the clock decides. */
    boolean stoodStill() {
        beat();
        boolean before = stoodStill;
        stoodStill = false;
        return before;
    }

    private void beat() {
        long now = System.nanoTime();
        stoodStill |= beats != null && now - lastBeatNanos > STANDSTILL.toNanos();
        lastBeatNanos = now;
    }
}
