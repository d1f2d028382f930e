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

    /**
     * Small steps are not told one by one, and lanes take them over. Where Redis's clock and ours part by more than this within
     * {@link #SLIP_WITHIN}, all of it is a step that lanes give back: a clock that is set a second forward each minute would else end every
     * hold early. Twice what a clock that NTP slews by 500 millionths goes off in that time, and what two imprecise readings add to it.
     */
    private static final long LEAST_SLIP_MS = 250;

    private static final Duration SLIP_WITHIN = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private volatile @Nullable Watch watch;
    private long slippedMs;
    private @Nullable Sample anchor;

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
        Sample sample = new Sample(redisMs, askedNanos, answeredNanos);
        if (before == null) {
            watch = new Watch(redisMs, answeredNanos, redisMs, List.of());
            anchor = sample;
            return 0;
        }
        long stepMs = stepMs(redisMs, before.expectedMs(askedNanos), before.expectedMs(answeredNanos));
        slip(sample, stepMs != 0);
        if (stepMs != 0) {
            watch = before.after(stepMs, redisMs, answeredNanos);
        } else if (answeredNanos - askedNanos <= PRECISE.toNanos()) {
            watch = new Watch(redisMs, answeredNanos, before.watchedFromMs, before.steps);
        }
        return stepMs;
    }

    /**
     * By how much Redis's clock went off ours since this node began, in steps that were too small to be told each, ms; negative where it fell
     * behind. Lanes have taken these over, and are told of them later.
     */
    public synchronized long slippedMs() {
        return slippedMs;
    }

    /** A step that is told takes no part in it. */
    private void slip(Sample now, boolean isStep) {
        Sample from = anchor;
        long offMs = isStep || from == null ? 0 : now.offMs(from);
        if (Math.abs(offMs) > LEAST_SLIP_MS) {
            slippedMs += offMs;
            anchor = now;
        } else if (isStep
                || from == null
                || (now.isPrecise() && now.answeredNanos - from.answeredNanos > SLIP_WITHIN.toNanos())) {
            anchor = now;
        }
    }

    /** Redis's clock said this at some moment between asking and the answer. */
    private record Sample(long redisMs, long askedNanos, long answeredNanos) {

        boolean isPrecise() {
            return answeredNanos - askedNanos <= PRECISE.toNanos();
        }

        /** By how much it has moved more than our clock since the earlier reading, at least; 0 where both may have gone alike. */
        long offMs(Sample earlier) {
            long moved = redisMs - earlier.redisMs;
            long most = (answeredNanos - earlier.askedNanos) / 1_000_000 + 1;
            long least = (askedNanos - earlier.answeredNanos) / 1_000_000 - 1;
            return moved > most ? moved - most : Math.min(0, moved - least);
        }
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
