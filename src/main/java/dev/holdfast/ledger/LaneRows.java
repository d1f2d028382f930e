package dev.holdfast.ledger;

import dev.holdfast.reservation.Cursor;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Locale;
import java.util.Optional;

/** The standing of each lane, and how far it is recorded. Safe for all threads. */
public final class LaneRows implements LaneBook {

    /** Waits for a commit that is under way: it may be moving the cursor. */
    private static final String STANDING = """
            select epoch, state, recorded_seq, encode(recorded_hash, 'hex') as recorded_hash
            from lanes where sale_id = $1 and lane = $2
            for share
            """;

    private final Postgres postgres;
    private final SaleBook sales;
    private final Incidents incidents;

    /** Tells the book of sales at once when a lane stops. */
    public LaneRows(Postgres postgres, SaleBook sales, Incidents incidents) {
        this.postgres = postgres;
        this.sales = sales;
        this.incidents = incidents;
    }

    @Override
    public Future<Cursor> cursor(Lane lane) {
        return postgres.query(
                        "find cursor of lane " + lane,
                        STANDING,
                        Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> cursor(requireOpen(lane, SaleRows.first(rows))));
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
        Row row = found.orElseThrow(() -> new StaleLane(lane, "NOT_IN_POSTGRESQL"));
        if (row.getLong("epoch") != lane.epoch()) {
            throw new StaleLane(lane, "EPOCH_" + row.getLong("epoch"));
        }
        if (!row.getString("state").equals("open")) {
            throw new StaleLane(lane, row.getString("state").toUpperCase(Locale.ROOT));
        }
        return row;
    }
}
