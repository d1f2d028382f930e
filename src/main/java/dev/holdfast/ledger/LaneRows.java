package dev.holdfast.ledger;

import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LedgerPosition;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** The standing of each lane, and how far it is recorded. Safe for all threads. */
public final class LaneRows implements LaneBook {

    /** Waits for a commit that is under way: it may be moving the cursor. */
    private static final String STANDING = """
            select l.epoch, l.state, l.recorded_seq, encode(l.recorded_hash, 'hex') as recorded_hash, d.life
            from lanes l cross join database_life d
            where l.sale_id = $1 and l.lane = $2
            for share of l
            """;

    private final Postgres postgres;
    private final SaleBook sales;
    private final Incidents incidents;
    private final DatabaseBook database;

    /** Tells the book of sales at once when a lane stops. */
    public LaneRows(Postgres postgres, SaleBook sales, Incidents incidents, DatabaseBook database) {
        this.postgres = postgres;
        this.sales = sales;
        this.incidents = incidents;
        this.database = database;
    }

    @Override
    public Future<Cursor> cursor(Lane lane) {
        return laneCursor(lane).map(LaneCursor::at);
    }

    /** The same with the life of the database. Fails as {@link #cursor} does. */
    public Future<LaneCursor> laneCursor(Lane lane) {
        return postgres.query(
                        "find cursor of lane " + lane,
                        STANDING,
                        Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> requireOpen(lane, SaleRows.first(rows)))
                .map(row -> new LaneCursor(cursor(row), row.getLong("life")));
    }

    /**
     * PostgreSQL has less of the lane than it had once: it is another, older database. Answers its cursor in the new life that begins
     * with this, or in the life in which it is known already. Fails as {@link #cursor} does.
     *
     * @param had how far it had the lane's ledger, and in which life
     */
    public Future<LaneCursor> reportOlder(Lane lane, LedgerPosition had) {
        return database.laneIsOlder(lane, had).compose(told -> laneCursor(lane));
    }

    @Override
    public Future<Void> reportLost(Lane lane, String why) {
        return incidents
                .report(lane, new NewIncident(IncidentKind.HISTORY_LOST, why))
                .mapEmpty();
    }

    /** The books do not add up: no node sells on this lane until a person has looked. */
    Future<Void> freeze(Lane lane, String why) {
        return incidents
                .report(lane, new NewIncident(IncidentKind.BOOKS_DO_NOT_ADD_UP, why))
                .mapEmpty();
    }

    /** The lane is not recorded, and goes on. */
    Future<Void> refused(Lane lane, NewIncident incident) {
        return incidents.report(lane, incident).mapEmpty();
    }

    /** A transaction has stopped the lane: this node is to know it at once, and others do within a second. */
    Future<Void> stopped(Lane lane) {
        return sales.refresh(lane.saleId())
                .transform(refreshed -> Future.<Void>succeededFuture())
                .mapEmpty();
    }

    static Cursor cursor(Row row) {
        long seq = row.getLong("recorded_seq");
        return seq == 0 ? Cursor.START : new Cursor(seq, row.getString("recorded_hash"));
    }

    private static Row requireOpen(Lane lane, Optional<Row> found) {
        Row row = found.orElseThrow(() -> StaleLane.notInPostgres(lane));
        if (row.getLong("epoch") != lane.epoch()) {
            throw new StaleLane(lane, "PostgreSQL has it under epoch " + row.getLong("epoch"));
        }
        if (!row.getString("state").equals("open")) {
            throw new StaleLane(lane, "it is " + row.getString("state"));
        }
        return row;
    }
}
