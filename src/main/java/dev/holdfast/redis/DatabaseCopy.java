package dev.holdfast.redis;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What Redis keeps of the life of a database, so that an older one is noticed. Everything fails with
 * {@link dev.holdfast.reservation.Unavailable}. To be used on the event loop of its connection.
 */
public final class DatabaseCopy {

    private static final String LIFE = "life";
    private static final String BEAT = "beat";
    private static final String AT_MS = "at_ms";

    private final PinnedRedis redis;
    private final String key;

    /** Of the database with this id. */
    public DatabaseCopy(PinnedRedis redis, String databaseId) {
        this.redis = redis;
        key = "hf:database:" + databaseId;
    }

    /** The life of the database, the highest number that was seen in it, and when that was. */
    public record Seen(long life, long beat, Instant at) {}

    /** What was noted last; empty where nothing was, or Redis has lost it. */
    public Future<Optional<Seen>> read() {
        return redis.send("reading the database's life", Effect.READS, commands -> commands.hgetall(key))
                .map(DatabaseCopy::seen);
    }

    /** Notes what was seen. */
    public Future<Void> write(Seen seen) {
        Map<String, String> fields = Map.of(
                LIFE,
                Long.toString(seen.life()),
                BEAT,
                Long.toString(seen.beat()),
                AT_MS,
                Long.toString(seen.at().toEpochMilli()));
        return redis.send("noting the database's life", Effect.CHANGES, commands -> commands.hset(key, fields))
                .mapEmpty();
    }

    private static Optional<Seen> seen(Map<String, String> fields) {
        String life = fields.get(LIFE);
        String beat = fields.get(BEAT);
        String atMs = fields.get(AT_MS);
        return life == null || beat == null || atMs == null
                ? Optional.empty()
                : Optional.of(new Seen(
                        Long.parseLong(life), Long.parseLong(beat), Instant.ofEpochMilli(Long.parseLong(atMs))));
    }
}
