package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneBook;
import dev.holdfast.reservation.LaneStop;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import dev.holdfast.reservation.StaleLane;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The standing of each lane, and how far it is recorded. Safe for all threads. */
public final class LaneRows implements LaneBook {

    private static final Logger LOG = LoggerFactory.getLogger(LaneRows.class);

    /** Waits for a commit that is under way: it may be moving the cursor. */
    private static final String STANDING = """
            select epoch, state, recorded_seq from lanes where sale_id = $1 and lane = $2 for share
            """;

    private final Postgres postgres;
    private final SaleBook sales;
    private volatile LaneStop laneStop = lane -> Future.succeededFuture();

    /** Tells the book of sales at once when a lane stops. */
    public LaneRows(Postgres postgres, SaleBook sales) {
        this.postgres = postgres;
        this.sales = sales;
    }

    @Override
    public Future<Long> recordedSeq(Lane lane) {
        return postgres.query(
                        "find cursor of lane " + lane,
                        STANDING,
                        Tuple.of(lane.saleId().value(), lane.number()))
                .map(rows -> requireOpen(lane, SaleRows.first(rows)).getLong("recorded_seq"));
    }

    @Override
    public Future<Void> reportLost(Lane lane, String why) {
        return stop(lane, Incidents.Kind.HISTORY_LOST, why);
    }

    /** The books do not add up: no node sells on this lane until a person has looked. */
    Future<Void> freeze(Lane lane, String why) {
        return stop(lane, Incidents.Kind.BOOKS_DO_NOT_ADD_UP, why);
    }

    /** Closes lanes that stop in Redis, too. Nothing does without this, as on the command line: then a node that hears of it does. */
    public void stopWith(LaneStop stop) {
        laneStop = stop;
    }

    /**
     * PostgreSQL says that the sale's lane has another state: remembers that, and closes a lane that has stopped by itself in Redis, because
     * whoever stopped it may not have reached Redis. Succeeds whatever comes of it.
     */
    public Future<Void> heard(SaleId saleId) {
        return sales.refresh(saleId)
                .compose(listed -> listed.isPresent() && hasStoppedByItself(listed.get())
                        ? closeInRedis(listed.get().lane())
                        : Future.succeededFuture())
                .recover(failure -> {
                    LOG.debug("sale {} is not looked at: {}", saleId, failure.getMessage());
                    return Future.succeededFuture();
                });
    }

    /** In the transaction that may have stopped the lane, before its end: where it has, closes it in Redis for all nodes. */
    Future<Void> closeIfStopped(SqlConnection connection, Lane lane) {
        return connection
                .preparedQuery(STANDING)
                .execute(Tuple.of(lane.saleId().value(), lane.number()))
                .compose(rows -> SaleRows.first(rows)
                                .filter(row -> row.getString("state").equals("open"))
                                .isPresent()
                        ? Future.succeededFuture()
                        : closeInRedis(lane));
    }

    /**
     * Before the commit, so that no node sells after it. Where the commit fails, the lane is closed all the same, and the next caller finds
     * that and reports it.
     */
    private Future<Void> stop(Lane lane, Incidents.Kind kind, String why) {
        return postgres.inTransaction(
                        "stop lane " + lane,
                        connection -> Incidents.stop(connection, lane, kind, why)
                                .compose(stopped -> stopped ? closeInRedis(lane) : Future.succeededFuture()))
                .compose(stopped -> sales.refresh(lane.saleId()))
                .mapEmpty();
    }

    /** PostgreSQL's word does not wait for Redis: nodes follow it, too. */
    private Future<Void> closeInRedis(Lane lane) {
        return laneStop.stop(lane).recover(failure -> {
            LOG.warn("lane {} is stopped, and not closed in Redis yet: {}", lane, failure.getMessage());
            return Future.succeededFuture();
        });
    }

    private static boolean hasStoppedByItself(ListedSale listed) {
        return listed.laneState() == ListedSale.LaneState.RECOVERING
                || listed.laneState() == ListedSale.LaneState.FROZEN;
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
