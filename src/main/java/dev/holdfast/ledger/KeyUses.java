package dev.holdfast.ledger;

import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** When each key was last used: noted in memory by requests, written to PostgreSQL by one statement now and then. Safe for all threads. */
final class KeyUses {

    /** Nobody asks for it more exactly, and threads that share a key need not fight over one word of memory. */
    private static final long STEP_MS = 1_000;

    private static final String WRITE = """
            update api_keys k set last_used_at = greatest(k.last_used_at, u.at)
            from unnest($1::bigint[], $2::timestamptz[]) as u(key_id, at)
            where k.key_id = u.key_id
            """;

    private final Postgres postgres;

    /** At most one for each key that there is. */
    private final ConcurrentMap<Long, Long> unwritten = new ConcurrentHashMap<>();

    KeyUses(Postgres postgres) {
        this.postgres = postgres;
    }

    /** To note uses of this key with. */
    Use of(long keyId) {
        return new Use(keyId);
    }

    /** Writes what was noted. While PostgreSQL is away it stays noted. */
    Future<Void> write() {
        List<Map.Entry<Long, Long>> taken = new ArrayList<>();
        unwritten.forEach((keyId, usedAtMs) -> {
            if (unwritten.remove(keyId, usedAtMs)) {
                taken.add(Map.entry(keyId, usedAtMs));
            }
        });
        if (taken.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple arguments = Tuple.tuple()
                .addArrayOfLong(taken.stream().map(Map.Entry::getKey).toArray(Long[]::new))
                .addArrayOfOffsetDateTime(
                        taken.stream().map(use -> Columns.time(use.getValue())).toArray(OffsetDateTime[]::new));
        return postgres.query("note uses of keys", WRITE, arguments)
                .onFailure(failure -> taken.forEach(use -> note(use.getKey(), use.getValue())))
                .mapEmpty();
    }

    private void note(long keyId, long usedAtMs) {
        unwritten.merge(keyId, usedAtMs, Math::max);
    }

    /** The uses of one key. */
    final class Use {

        private final long keyId;
        private volatile long notedAtMs;

        private Use(long keyId) {
            this.keyId = keyId;
        }

        long keyId() {
            return keyId;
        }

        void note(long nowMs) {
            if (nowMs - notedAtMs >= STEP_MS) {
                notedAtMs = nowMs;
                KeyUses.this.note(keyId, nowMs);
            }
        }
    }
}
