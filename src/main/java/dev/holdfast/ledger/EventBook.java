package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outbox. Who reads on from the last event he has misses none: ids are given out in the order of commits. Safe for all
 * threads.
 */
public final class EventBook {

    private static final String NEWEST = """
            select coalesce(max(event_id), 0) from events
            """;

    private static final String AFTER = """
            select * from events where event_id > $1 order by event_id limit $2
            """;

    private static final String OF_SALE_AFTER = """
            select * from events where event_id > $1 and sale_id = $3 order by event_id limit $2
            """;

    private static final String BEFORE = """
            select * from events where event_id < $1 order by event_id desc limit $2
            """;

    private static final String OF_SALE_BEFORE = """
            select * from events where event_id < $1 and sale_id = $3 order by event_id desc limit $2
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public EventBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** The id of the newest event; 0 where there is none. */
    public Future<Long> newest() {
        return postgres.query("find newest event", NEWEST, Tuple.tuple())
                .map(rows -> rows.iterator().next().getLong(0));
    }

    /** At most {@code limit} events after this id, oldest first; of all sales where the sale is null. */
    public Future<List<CloudEvent>> after(long id, @Nullable SaleId saleId, int limit) {
        return read(saleId == null ? AFTER : OF_SALE_AFTER, id, saleId, limit);
    }

    /** At most {@code limit} events before this id, newest first; of all sales where the sale is null. */
    public Future<List<CloudEvent>> before(long id, @Nullable SaleId saleId, int limit) {
        return read(saleId == null ? BEFORE : OF_SALE_BEFORE, id, saleId, limit);
    }

    private Future<List<CloudEvent>> read(String sql, long id, @Nullable SaleId saleId, int limit) {
        Tuple arguments = saleId == null ? Tuple.of(id, limit) : Tuple.of(id, limit, saleId.value());
        return postgres.query("read events", sql, arguments).map(EventBook::events);
    }

    private static List<CloudEvent> events(RowSet<Row> rows) {
        List<CloudEvent> events = new ArrayList<>(rows.size());
        for (Row row : rows) {
            events.add(new CloudEvent(
                    row.getLong("event_id"),
                    row.getString("type"),
                    new SaleId(row.getString("sale_id")),
                    row.getString("subject"),
                    Columns.ms(row.getOffsetDateTime("at")),
                    row.getJsonObject("data")));
        }
        return events;
    }
}
