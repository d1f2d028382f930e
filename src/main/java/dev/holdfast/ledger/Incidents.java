package dev.holdfast.ledger;

import dev.holdfast.reservation.Lane;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops a lane and writes down why, in one transaction. */
final class Incidents {

    /** What happened, and the state in which the lane is after it. */
    enum Kind {
        HISTORY_LOST("history-lost", "recovering"),
        BOOKS_DO_NOT_ADD_UP("books-do-not-add-up", "frozen"),
        ENTRIES_PUT_ASIDE("entries-put-aside", "rebuilding"),
        DATABASE_RESTORED("database-restored", "recovering"),
        RESERVATIONS_DISCARDED("reservations-discarded", "rebuilding"),
        BOOKS_CONCLUDED("books-concluded", "rebuilding");

        private final String word;
        private final String laneState;

        Kind(String word, String laneState) {
            this.word = word;
            this.laneState = laneState;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

    /** Only an open lane can stop, and only in this epoch: a report that comes twice or too late changes nothing. */
    private static final String STOP = """
            update lanes
            set state = $4, state_reason = $5, version = version + 1, recorder = null, lease_until = null
            where sale_id = $1 and lane = $2 and epoch = $3 and state = 'open'
            """;

    private static final String ADD = """
            insert into incidents (sale_id, lane, epoch, kind, detail) values ($1, $2, $3, $4, $5)
            """;

    private Incidents() {}

    /** False where the lane was not open in this epoch. */
    static Future<Boolean> stop(SqlConnection connection, Lane lane, Kind kind, String detail) {
        String text = DeadLetters.storable(detail);
        return connection
                .preparedQuery(STOP)
                .execute(Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), kind.laneState, text))
                .compose(stopped -> stopped.rowCount() == 0
                        ? Future.succeededFuture(false)
                        : add(connection, lane, kind, text).map(true));
    }

    /** Writes it down; the lane stays as it is. */
    static Future<Void> add(SqlConnection connection, Lane lane, Kind kind, String detail) {
        LOG.error("lane {} does not sell: {}: {}", lane, kind.word, detail);
        return insert(connection, lane, kind, detail);
    }

    /** The same of a lane that may go on selling. */
    static Future<Void> note(SqlConnection connection, Lane lane, Kind kind, String detail) {
        LOG.error("lane {}: {}: {}", lane, kind.word, detail);
        return insert(connection, lane, kind, DeadLetters.storable(detail));
    }

    /** The same of all lanes. */
    static Future<Void> noteOfDatabase(SqlConnection connection, Kind kind, String detail) {
        LOG.error("{}: {}", kind.word, detail);
        return insert(connection, null, kind, detail);
    }

    private static Future<Void> insert(SqlConnection connection, @Nullable Lane lane, Kind kind, String detail) {
        return connection
                .preparedQuery(ADD)
                .execute(
                        lane == null
                                ? Tuple.of(null, null, null, kind.word, detail)
                                : Tuple.of(lane.saleId().value(), lane.number(), lane.epoch(), kind.word, detail))
                .mapEmpty();
    }
}
