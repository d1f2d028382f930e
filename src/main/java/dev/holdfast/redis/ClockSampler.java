package dev.holdfast.redis;

import dev.holdfast.reservation.ClockBook;
import io.vertx.core.Future;
import java.util.List;

/** Reads Redis's clock over one connection. To be used on its event loop. */
public final class ClockSampler {

    private final PinnedRedis redis;
    private final RedisClock clock;

    /** Takes its readings for the clock. */
    public ClockSampler(PinnedRedis redis, RedisClock clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /**
     * The first reading, together with what nodes knew of the clock before; answers as {@link #read}. To be called before any script is.
     */
    public Future<Long> begin(ClockBook book) {
        return read().compose(first -> book.last())
                .map(kept -> kept.map(known -> clock.takeOver(known.reading(), known.age()))
                        .orElse(0L));
    }

    /**
     * One reading; answers by how much Redis's clock was moved since the last one, ms, 0 where it was not. Fails with
     * {@link dev.holdfast.reservation.Unavailable}.
     */
    public Future<Long> read() {
        long askedNanos = clock.nanos();
        return redis.send("reading Redis's clock", Effect.READS, commands -> commands.time())
                .map(time -> clock.read(millis(time), askedNanos, clock.nanos()));
    }

    /** What was read. */
    public RedisClock clock() {
        return clock;
    }

    /** Redis answers seconds and microseconds. */
    private static long millis(List<String> time) {
        return Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000;
    }
}
