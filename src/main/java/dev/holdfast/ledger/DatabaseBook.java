package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
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
            where beat >= $1
            returning database_id, life, beat, beat_at
            """;

    private static final String LOCK = PULSE + """
            for update
            """;

    private static final String BEGIN_LIFE = """
            update database_life set life = life + 1, beat = greatest(beat, $1) + 1, beat_at = clock_timestamp()
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
            select l.epoch, l.recorded_seq, l.life < d.life as uncompared
            from lanes l cross join database_life d
            where l.sale_id = $1 and l.lane = $2
            """;

    private final Postgres postgres;

    DatabaseBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Where it stands; changes nothing. */
    public Future<Pulse> pulse() {
        return postgres.query("look at the database's life", PULSE, Tuple.tuple())
                .map(rows -> pulse(rows.iterator().next()));
    }

    /**
     * Counts up, unless the database is behind what it was seen at: then a new life begins, which is written down as an incident.
     *
     * @param seen the highest number that anybody has seen in this database, 0 for none
     * @param seenAt when that was
     */
    public Future<Pulse> beat(long seen, Instant seenAt) {
        return postgres.query("count the database's life on", BEAT, Tuple.of(seen))
                .compose(rows -> rows.size() == 1
                        ? Future.succeededFuture(pulse(rows.iterator().next()))
                        : postgres.inTransaction(
                                "begin a life of the database", connection -> beginLife(connection, seen, seenAt)));
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
        return postgres.inTransaction(
                "note an older database for lane " + lane,
                connection -> Incidents.note(connection, lane, Incidents.Kind.DATABASE_RESTORED, detail));
    }

    /** The lane cannot go on in the older database: nobody sells on it until it is rebuilt. */
    public Future<Boolean> stop(Lane lane, String why) {
        return postgres.inTransaction(
                "stop lane " + lane,
                connection -> Incidents.stop(connection, lane, Incidents.Kind.DATABASE_RESTORED, why));
    }

    /** A lane's cursor is behind what it was: a new life begins, unless the lane waits to be compared in a new one already. */
    Future<Void> laneIsOlder(Lane lane, long had) {
        return postgres.inTransaction("compare lane " + lane + " with what it was", connection -> connection
                .query(LOCK)
                .execute()
                .compose(locked -> connection
                        .preparedQuery(LANE)
                        .execute(Tuple.of(lane.saleId().value(), lane.number()))
                        .map(SaleRows::first)
                        .compose(found -> found.isPresent() && isOlder(found.get(), lane, had)
                                ? newLife(
                                        connection,
                                        locked.iterator().next().getLong("beat"),
                                        "lane " + lane + " was recorded to " + had + " and is recorded to "
                                                + found.get().getLong("recorded_seq"))
                                        .mapEmpty()
                                : Future.succeededFuture())));
    }

    private static boolean isOlder(Row now, Lane lane, long had) {
        return now.getLong("epoch") == lane.epoch()
                && now.getLong("recorded_seq") < had
                && !now.getBoolean("uncompared");
    }

    /** Another node may have been faster. */
    private static Future<Pulse> beginLife(SqlConnection connection, long seen, Instant seenAt) {
        return connection.query(LOCK).execute().compose(rows -> {
            Pulse now = pulse(rows.iterator().next());
            return now.beat() >= seen
                    ? Future.succeededFuture(now)
                    : newLife(
                            connection,
                            seen,
                            "it had counted to " + seen + " at " + seenAt + " and is at " + now.beat() + " of " + now.at()
                                    + ": what it committed in between is gone");
        });
    }

    private static Future<Pulse> newLife(SqlConnection connection, long seen, String evidence) {
        return connection
                .preparedQuery(BEGIN_LIFE)
                .execute(Tuple.of(seen))
                .map(rows -> pulse(rows.iterator().next()))
                .compose(pulse -> connection
                        .query(PASS_EPOCHS)
                        .execute()
                        .compose(passed -> connection.query(PASS_ADJUSTMENTS).execute())
                        .compose(passed -> Incidents.noteOfDatabase(
                                connection,
                                Incidents.Kind.DATABASE_RESTORED,
                                "PostgreSQL is older than it was: " + evidence + ". Life " + pulse.life()
                                        + " of the database begins. Each lane is compared with Redis; what admins changed in"
                                        + " between and Redis does not keep (names, prices, keys, the audit trail) is lost."))
                        .map(pulse));
    }

    private static Pulse pulse(Row row) {
        return new Pulse(
                row.getString("database_id"),
                row.getLong("life"),
                row.getLong("beat"),
                row.getOffsetDateTime("beat_at").toInstant());
    }
}
