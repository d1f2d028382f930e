package dev.holdfast.redis;

import dev.holdfast.reservation.ClockReading;
import dev.holdfast.reservation.ClockReading.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of Redis's clock: it compares each reading with its own monotonic clock. Where the two part, Redis's clock was
 * moved, or this node's clock stood still. Scripts get what it knows as evidence, so that a moved clock ends no hold
 * (include/open_lane.lua). One for a node; safe for all threads.
 */
public final class RedisClock {

    /** Less than this is not a step. As STEP_MS in include/open_lane.lua. */
    public static final Duration TOLERANCE = Duration.ofSeconds(1);

    /** So many steps are told at most: with more, the oldest is forgotten, and what was before it is not watched any more. */
    private static final int MOST_STEPS = 8;

    /** A reading that took longer does not tell the moment well enough to go on from it. */
    private static final Duration PRECISE = Duration.ofMillis(100);

    private final LongSupplier nanoTime;
    private volatile @Nullable Watch watch;

    /** Has no reading yet. */
    public RedisClock() {
        this(System::nanoTime);
    }

    /** By another monotonic clock, in nanoseconds. */
    RedisClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** This moment, for {@link #read}. */
    long nanos() {
        return nanoTime.getAsLong();
    }

    /**
     * Takes a reading of Redis's clock.
     *
     * @param redisMs what it said, ms since 1970
     * @param askedNanos when it was asked, by {@link #nanos}
     * @param answeredNanos when the answer came
     * @return by how much it was moved since the last reading, ms; 0 where it was not
     */
    public synchronized long read(long redisMs, long askedNanos, long answeredNanos) {
        Watch before = watch;
        if (before == null) {
            watch = new Watch(redisMs, answeredNanos, redisMs, List.of());
            return 0;
        }
        long stepMs = stepMs(redisMs, before.expectedMs(askedNanos), before.expectedMs(answeredNanos));
        if (stepMs != 0) {
            watch = before.after(stepMs, redisMs, answeredNanos);
        } else if (answeredNanos - askedNanos <= PRECISE.toNanos()) {
            watch = new Watch(redisMs, answeredNanos, before.watchedFromMs, before.steps);
        }
        return stepMs;
    }

    /** The clock said this between these two moments, as we expected them to be. */
    private static long stepMs(long redisMs, long expectedAtLeast, long expectedAtMost) {
        if (redisMs > expectedAtMost + TOLERANCE.toMillis()) {
            return redisMs - expectedAtMost;
        }
        return redisMs < expectedAtLeast - TOLERANCE.toMillis() ? redisMs - expectedAtLeast : 0;
    }

    /**
     * Takes over what another node, or this one before it was started anew, knew of the clock. To be called once, after the first
     * reading.
     *
     * @param kept what PostgreSQL kept, with the time that passed since by PostgreSQL's clock
     * @return by how much Redis's clock was moved since then, ms; 0 where it was not
     */
    public synchronized long takeOver(ClockReading kept, Duration passed) {
        Watch first = watch;
        if (first == null) {
            throw new IllegalStateException("Redis's clock was not read yet");
        }
        long stepMs = first.redisMs - (kept.redisMs() + passed.toMillis());
        Watch known = new Watch(kept.redisMs(), first.nanos - passed.toNanos(), kept.watchedFromMs(), kept.steps());
        // PostgreSQL's clock is read with less precision than ours, and two clocks drift apart by up to 200 millionths.
        boolean moved = Math.abs(stepMs) > 2 * TOLERANCE.toMillis() + passed.toMillis() / 5_000;
        watch = moved
                ? known.after(stepMs, first.redisMs, first.nanos)
                : new Watch(first.redisMs, first.nanos, known.watchedFromMs, known.steps);
        return moved ? stepMs : 0;
    }

    /** What is known now, to be kept; null before the first reading. */
    public @Nullable ClockReading reading() {
        Watch now = watch;
        return now == null ? null : new ClockReading(now.expectedMs(nanos()), now.watchedFromMs, now.steps);
    }

    /** For a script that is sent now; empty before the first reading, when this node can tell nothing. */
    String evidence() {
        Watch now = watch;
        return now == null ? "" : "@" + now.expectedMs(nanos()) + now.history;
    }

    /** Immutable. */
    private static final class Watch {

        private final long redisMs;
        private final long nanos;
        private final long watchedFromMs;
        private final List<Step> steps;
        private final String history;

        /** At the moment {@code nanos} Redis's clock said {@code redisMs}. */
        Watch(long redisMs, long nanos, long watchedFromMs, List<Step> steps) {
            this.redisMs = redisMs;
            this.nanos = nanos;
            this.watchedFromMs = watchedFromMs;
            this.steps = List.copyOf(steps);
            history = ":" + watchedFromMs + ":"
                    + steps.stream()
                            .map(step -> step.endedMs() + "," + step.beganMs() + "," + step.byMs())
                            .collect(Collectors.joining(";"));
        }

        long expectedMs(long atNanos) {
            return redisMs + (atNanos - nanos) / 1_000_000;
        }

        /** The clock was moved after this, and that was noticed when it said {@code nowMs}. */
        Watch after(long stepMs, long nowMs, long atNanos) {
            long expectedMs = expectedMs(atNanos);
            List<Step> more = new ArrayList<>(steps);
            more.add(new Step(expectedMs, nowMs - (expectedMs - redisMs), stepMs));
            long from = watchedFromMs;
            if (more.size() > MOST_STEPS) {
                from = more.removeFirst().beganMs();
            }
            return new Watch(nowMs, atNanos, from, more);
        }
    }
}
