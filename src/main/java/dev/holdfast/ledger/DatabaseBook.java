package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LedgerPosition;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The lives of the database. Nodes count a number up in it and keep copies elsewhere. A database that is behind a copy has lost what it
 * committed: it is a backup that was restored, or a standby that lagged. Safe for all threads.
 */
public final class DatabaseBook {

    /**
     * Where the database stands.
     *
     * @param id names the database; a restored backup has the same
     * @param life counts how often it was found to be older than it was, from 1
     * @param beat only grows, from life to life, too
     */
    public record Pulse(String id, long life, long beat, Instant at) {}

    /**
     * Where it was seen before.
     *
     * @param life 0 for never
     * @param beat 0 for never
     */
    public record Seen(long life, long beat, Instant at) {}

    /**
     * A lane that was not compared with Redis in this life of the database.
     *
     * @param recordedSeq how far its ledger is recorded
     * @param open whether PostgreSQL lets it sell
     */
    public record UncomparedLane(Lane lane, long recordedSeq, boolean open) {}

    private static final String PULSE = """
            select database_id, life, beat, beat_at from database_life
            """;

    /** Changes nothing in a database that is older than it was. */
    private static final String BEAT = """
            update database_life set beat = beat + 1, beat_at = clock_timestamp()
            where beat >= $1 and life >= $2
            returning database_id, life, beat, beat_at
            """;

    private static final String LOCK = PULSE + """
            for update
            """;

    private static final String BEGIN_LIFE = """
            update database_life
            set beat = greatest(beat, $1) + 1, life = greatest(life, $2) + 1, beat_at = clock_timestamp()
            returning database_id, life, beat, beat_at
            """;

    /**
     * Epochs began at the millisecond in which the database was made and are given out far more slowly than milliseconds pass: those of
     * the time that was lost were lower than this.
     */
    private static final String PASS_EPOCHS = """
            select setval('lane_epoch', greatest(nextval('lane_epoch'), (extract(epoch from clock_timestamp()) * 1000)::bigint))
            """;

    /** Redis decides about each number once: those that were given out in the time that was lost must not come again. */
    private static final String PASS_ADJUSTMENTS = """
            select setval('adjustments_adjustment_no_seq', nextval('adjustments_adjustment_no_seq') + 1000000000)
            """;

    private static final String UNCOMPARED = """
            select l.sale_id, l.lane, l.epoch, l.recorded_seq, l.state = 'open' as open
            from lanes l
            where l.life < (select life from database_life) and l.state not in ('preparing', 'retired')
            order by l.sale_id, l.lane
            limit $1
            """;

    private static final String COMPARED = """
            update lanes set life = $3 where sale_id = $1 and lane = $2 and life < $3
            """;

    private static final String LANE = """
            select l.epoch, l.recorded_seq, d.life
            from lanes l cross join database_life d
            where l.sale_id = $1 and l.lane = $2
            """;

    private static final String KEEP = """
            update lanes set state = 'recovering', state_reason = $4, version = version + 1
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'preparing'
            """;

    private static final String UNKNOWN = """
            select id from unnest($1::text[]) id where not exists (select from sales where sale_id = id)
            """;

    private static final String TOLD_FORGOTTEN = """
            select exists (select from incidents where sale_id is null and kind = $1 and details->>'life' = $2) as told
            """;

    /** Sales that an incident names where it cannot name all. */
    private static final int MOST_NAMED = 100;

    private static final String FORGOTTEN =
            "Redis has reservations of this sale, which PostgreSQL had forgotten: rebuild it with \"from\":\"redis\"";

    private final Postgres postgres;
    private final Incidents incidents;

    DatabaseBook(Postgres postgres, Incidents incidents) {
        this.postgres = postgres;
        this.incidents = incidents;
    }

    /** Where it stands; changes nothing. */
    public Future<Pulse> pulse() {
        return postgres.query("look at the database's life", PULSE, Tuple.tuple())
                .map(rows -> pulse(rows.iterator().next()));
    }

    /**
     * Counts up, unless the database is behind what it was seen at: then a new life begins, which is written down as an incident.
     *
     * @param seen the latest that anybody has seen of this database
     */
    public Future<Pulse> beat(Seen seen) {
        return postgres.query("count the database's life on", BEAT, Tuple.of(seen.beat(), seen.life()))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture(pulse(rows.iterator().next()))
                        : postgres.inTransaction(
                                "begin a life of the database", connection -> beginLife(connection, seen)));
    }

    /** At most so many lanes that were not compared with Redis in this life, retired ones left out. */
    public Future<List<UncomparedLane>> uncompared(int most) {
        return postgres.query("find lanes of an earlier life", UNCOMPARED, Tuple.of(most))
                .map(rows -> {
                    List<UncomparedLane> lanes = new ArrayList<>();
                    for (Row row : rows) {
                        SaleId saleId = new SaleId(row.getString("sale_id"));
                        lanes.add(new UncomparedLane(
                                new Lane(saleId, row.getInteger("lane"), row.getLong("epoch")),
                                row.getLong("recorded_seq"),
                                row.getBoolean("open")));
                    }
                    return lanes;
                });
    }

    /** The lane was compared with Redis in this life. */
    public Future<Void> compared(Lane lane, long life) {
        return postgres.query(
                        "mark lane " + lane + " as compared",
                        COMPARED,
                        Tuple.of(lane.saleId().value(), lane.number(), life))
                .mapEmpty();
    }

    /** Writes down what became of a lane of an older database; the lane goes on. */
    public Future<Void> tell(Lane lane, String detail) {
        return incidents
                .report(lane, new NewIncident(IncidentKind.DATABASE_RESTORED, detail))
                .mapEmpty();
    }

    /**
     * A sale that is made anew is one that an older database has forgotten: Redis has reservations of it, which a new lane would wipe out.
     * Nobody sells on it until it is rebuilt.
     */
    public Future<Void> wasForgotten(Lane lane) {
        return postgres.inTransaction(
                "keep lane " + lane + " as it is in Redis",
                connection -> connection
                        .preparedQuery(KEEP)
                        .execute(Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), FORGOTTEN))
                        .compose(kept -> kept.rowCount() == 0
                                ? Future.succeededFuture()
                                : Incidents.add(
                                                connection,
                                                lane,
                                                new NewIncident(IncidentKind.BOOKS_BEHIND_REDIS, FORGOTTEN))
                                        .<Void>mapEmpty()));
    }

    /** Those of these sales that the database does not have. */
    public Future<List<SaleId>> unknown(List<SaleId> sales) {
        Tuple arguments = Tuple.of(Columns.texts(sales, SaleId::value));
        return postgres.query("look for sales that Redis knows", UNKNOWN, arguments)
                .map(rows -> {
                    List<SaleId> unknown = new ArrayList<>();
                    rows.forEach(row -> unknown.add(new SaleId(row.getString("id"))));
                    return unknown;
                });
    }

    /** Whether {@link #tellForgotten} was done in this life of the database. */
    public Future<Boolean> hasToldForgotten(long life) {
        return postgres.query(
                        "look whether forgotten sales were told of",
                        TOLD_FORGOTTEN,
                        Tuple.of(IncidentKind.SALES_FORGOTTEN.word(), Long.toString(life)))
                .map(rows -> rows.iterator().next().getBoolean("told"));
    }

    /** Writes down which sales the older database does not have any more; names a hundred of them at most. */
    public Future<Void> tellForgotten(long life, List<SaleId> sales) {
        List<String> named = sales.stream().limit(MOST_NAMED).map(SaleId::value).toList();
        String detail = "PostgreSQL has forgotten " + sales.size() + " sales that Redis has: "
                + String.join(", ", named) + (named.size() < sales.size() ? ", ..." : "")
                + ". Callers are told that there are no such sales.";
        return incidents.report(new NewIncident(IncidentKind.SALES_FORGOTTEN, detail)
                .with(new JsonObject()
                        .put("life", life)
                        .put("count", sales.size())
                        .put("sales", new JsonArray(named))));
    }

    /** The lane cannot go on in the older database: nobody sells on it until it is rebuilt. */
    public Future<Boolean> stop(Lane lane, String why) {
        return incidents.report(lane, new NewIncident(IncidentKind.BOOKS_BEHIND_REDIS, why));
    }

    /** A lane's cursor is behind what it was: a new life begins, unless it has begun already. */
    Future<Void> laneIsOlder(Lane lane, LedgerPosition had) {
        return postgres.inTransaction(
                "compare lane " + lane + " with what it was",
                connection -> connection
                        .query(LOCK)
                        .execute()
                        .compose(locked -> connection
                                .preparedQuery(LANE)
                                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                                .map(SaleRows::first)
                                .compose(found -> found.isPresent() && isOlder(found.get(), lane, had)
                                        ? newLife(
                                                        connection,
                                                        new Seen(
                                                                had.life(),
                                                                locked.iterator()
                                                                        .next()
                                                                        .getLong("beat"),
                                                                Instant.EPOCH),
                                                        "lane " + lane + " was recorded to " + had.recordedSeq()
                                                                + " and is recorded to "
                                                                + found.get().getLong("recorded_seq"))
                                                .mapEmpty()
                                        : Future.succeededFuture())));
    }

    private static boolean isOlder(Row now, Lane lane, LedgerPosition had) {
        return now.getLong("epoch") == lane.epoch() && had.isAheadOf(now.getLong("recorded_seq"), now.getLong("life"));
    }

    /** Another node may have been faster. */
    private static Future<Pulse> beginLife(SqlConnection connection, Seen seen) {
        return connection.query(LOCK).execute().compose(rows -> {
            Pulse now = pulse(rows.iterator().next());
            return now.beat() >= seen.beat() && now.life() >= seen.life()
                    ? Future.succeededFuture(now)
                    : newLife(
                            connection,
                            seen,
                            "it had counted to " + seen.beat() + " at " + seen.at() + " and is at " + now.beat()
                                    + " of " + now.at() + ": what it committed in between is gone");
        });
    }

    private static Future<Pulse> newLife(SqlConnection connection, Seen seen, String evidence) {
        return connection
                .preparedQuery(BEGIN_LIFE)
                .execute(Tuple.of(seen.beat(), seen.life()))
                .map(rows -> pulse(rows.iterator().next()))
                .compose(pulse -> connection
                        .query(PASS_EPOCHS)
                        .execute()
                        .compose(passed -> connection.query(PASS_ADJUSTMENTS).execute())
                        .compose(passed -> Incidents.add(
                                connection,
                                null,
                                new NewIncident(
                                                IncidentKind.DATABASE_RESTORED,
                                                "PostgreSQL is older than it was: " + evidence + ". Life "
                                                        + pulse.life()
                                                        + " of the database begins. Each lane is compared with Redis; what admins"
                                                        + " changed in between and Redis does not keep (names, prices, keys, the audit"
                                                        + " trail) is lost.")
                                        .with(details(pulse, seen))))
                        .map(pulse));
    }

    /** Nobody knows when it was seen where a lane's cursor has told it. */
    private static JsonObject details(Pulse pulse, Seen seen) {
        JsonObject details = new JsonObject().put("life", pulse.life()).put("seenBeat", seen.beat());
        return seen.at().equals(Instant.EPOCH)
                ? details
                : details.put("seenAt", seen.at().toString());
    }

    private static Pulse pulse(Row row) {
        return new Pulse(
                row.getString("database_id"),
                row.getLong("life"),
                row.getLong("beat"),
                row.getOffsetDateTime("beat_at").toInstant());
    }
}
