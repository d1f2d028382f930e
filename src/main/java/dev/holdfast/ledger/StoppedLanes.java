package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.LaneStop;
import dev.holdfast.reservation.ListedSale;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes lanes in Redis that PostgreSQL stops: before the commit, so that no node sells after it. Where the commit then fails, the lane is
 * closed all the same, and the next caller finds that and reports it. Safe for all threads.
 */
public final class StoppedLanes {

    private static final Logger LOG = LoggerFactory.getLogger(StoppedLanes.class);

    private static final String STATE = """
            select state from lanes where sale_id = $1 and lane = $2 and epoch = $3
            """;

    private final SaleBook sales;
    private volatile LaneStop laneStop = lane -> Future.succeededFuture();

    StoppedLanes(SaleBook sales) {
        this.sales = sales;
    }

    /** Who closes them. Without this, as on the command line, nobody does here: then a node that hears of it does. */
    public void closeWith(LaneStop stop) {
        laneStop = stop;
    }

    /**
     * PostgreSQL says that the sale's lane has another state: remembers that, and closes a lane that has stopped by itself, because
     * whoever stopped it may not have reached Redis. Succeeds whatever comes of it.
     */
    public Future<Void> heard(SaleId saleId) {
        return sales.refresh(saleId)
                .compose(listed -> listed.isPresent() && hasStoppedByItself(listed.get())
                        ? close(listed.get().lane())
                        : Future.succeededFuture())
                .recover(failure -> {
                    LOG.debug("sale {} is not looked at: {}", saleId, failure.getMessage());
                    return Future.succeededFuture();
                });
    }

    /** PostgreSQL's word does not wait for Redis, because nodes follow it, too: succeeds whatever comes of it. */
    Future<Void> close(Lane lane) {
        return laneStop.stop(lane).recover(failure -> {
            LOG.warn("lane {} is stopped, and not closed in Redis yet: {}", lane, failure.getMessage());
            return Future.succeededFuture();
        });
    }

    /** Inside a transaction that may have stopped the lane, as its last step. */
    Future<Void> closeIfStopped(SqlConnection connection, Lane lane) {
        return connection
                .preparedQuery(STATE)
                .execute(Tuple.of(lane.saleId().value(), lane.number(), lane.epoch()))
                .compose(rows -> SaleRows.first(rows)
                                .filter(row -> row.getString("state").equals("open"))
                                .isPresent()
                        ? Future.succeededFuture()
                        : close(lane));
    }

    private static boolean hasStoppedByItself(ListedSale listed) {
        return listed.laneState() == ListedSale.LaneState.RECOVERING
                || listed.laneState() == ListedSale.LaneState.FROZEN;
    }
}
