package dev.holdfast.ledger;

import dev.holdfast.reservation.ClockBook;
import dev.holdfast.reservation.ClockReading;
import dev.holdfast.reservation.ClockReading.Step;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One row with the last reading of Redis's clock. Safe for all threads. */
public final class ClockRows implements ClockBook {

    private static final String LAST = """
            select redis_ms, watched_from_ms, steps,
                   (extract(epoch from clock_timestamp() - kept_at) * 1000)::bigint as age_ms
            from redis_clock
            """;

    /** A node that watched for longer is not overwritten by one that knows less. */
    private static final String KEEP = """
            insert into redis_clock as c (redis_ms, watched_from_ms, steps, kept_at)
            values ($1, $2, $3, clock_timestamp())
            on conflict (only_row) do update
            set redis_ms = excluded.redis_ms, watched_from_ms = excluded.watched_from_ms, steps = excluded.steps,
                kept_at = excluded.kept_at
            where excluded.watched_from_ms <= c.watched_from_ms or c.kept_at < clock_timestamp() - interval '1 minute'
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public ClockRows(Postgres postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<Optional<Kept>> last() {
        return postgres.query("find the last reading of Redis's clock", LAST, Tuple.tuple())
                .map(rows -> SaleRows.first(rows)
                        .map(row -> new Kept(reading(row), Duration.ofMillis(row.getLong("age_ms")))));
    }

    @Override
    public Future<Void> keep(ClockReading reading) {
        JsonArray steps = new JsonArray();
        reading.steps()
                .forEach(step -> steps.add(new JsonObject()
                        .put("endedMs", step.endedMs())
                        .put("beganMs", step.beganMs())
                        .put("byMs", step.byMs())));
        return postgres.query(
                        "keep a reading of Redis's clock",
                        KEEP,
                        Tuple.of(reading.redisMs(), reading.watchedFromMs(), steps))
                .mapEmpty();
    }

    private static ClockReading reading(Row row) {
        JsonArray steps = row.getJsonArray("steps");
        List<Step> read = IntStream.range(0, steps.size())
                .mapToObj(steps::getJsonObject)
                .map(step -> new Step(step.getLong("endedMs"), step.getLong("beganMs"), step.getLong("byMs")))
                .toList();
        return new ClockReading(row.getLong("redis_ms"), row.getLong("watched_from_ms"), read);
    }
}
