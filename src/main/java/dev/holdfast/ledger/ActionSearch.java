package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** Reads the audit trail. Safe for all threads. */
public final class ActionSearch {

    /**
     * What entries have to be; null where that does not matter.
     *
     * @param fromMs when it was done, ms since 1970 by PostgreSQL's clock, this one included
     * @param toMs the same, this one excluded
     */
    public record Query(
            @Nullable SaleId saleId,
            @Nullable String actor,
            @Nullable String keyName,
            AdminAction.@Nullable Kind action,
            @Nullable String subject,
            @Nullable Long fromMs,
            @Nullable Long toMs) {}

    private static final ActionPlace AFTER_ALL = new ActionPlace(253_402_300_799_999_000L, 0);

    private static final String NEWEST_FIRST = "at desc, action_id desc";

    private static final String OF_ALL = """
            select action_id, at, actor, key_name, request_id, action, sale_id, subject, reason,
                   before::text as before, after::text as after
            from admin_actions
            where (at, action_id) < ($1, $2) and at >= $3
            """;

    private static final String WANTED = """
            ($4::text is null or actor = $4)
            and ($5::text is null or key_name = $5)
            and ($6::text is null or action = $6)
            and ($7::text is null or subject = $7)
            """;

    private static final String FIND = BoundedWalk.sql(OF_ALL, NEWEST_FIRST, WANTED, "$8");

    private static final String FIND_OF_SALE =
            BoundedWalk.sql(OF_ALL + " and sale_id = $9", NEWEST_FIRST, WANTED, "$8");

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public ActionSearch(Postgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Finds at most {@code limit}, the latest first. Fails with {@link dev.holdfast.reservation.Unavailable}.
     *
     * @param after where an earlier search ended; null for a new one
     */
    public Future<Found<RecordedAction, ActionPlace>> find(Query query, @Nullable ActionPlace after, int limit) {
        ActionPlace to = query.toMs() == null ? AFTER_ALL : new ActionPlace(query.toMs() * 1000, 0);
        ActionPlace from = after != null && after.atMicros() < to.atMicros() ? after : to;
        AdminAction.Kind action = query.action();
        Tuple arguments = Tuple.of(
                from.at(),
                from.actionId(),
                Columns.time(query.fromMs() == null ? 0 : query.fromMs()),
                query.actor(),
                query.keyName(),
                action == null ? null : action.word(),
                query.subject(),
                limit + 1);
        SaleId saleId = query.saleId();
        return (saleId == null
                        ? postgres.query("read the audit trail", FIND, arguments)
                        : postgres.query(
                                "read the audit trail of " + saleId, FIND_OF_SALE, arguments.addString(saleId.value())))
                .map(rows -> BoundedWalk.found(rows, limit, ActionSearch::action, RecordedAction::place));
    }

    private static RecordedAction action(Row row) {
        return new RecordedAction(
                row.getLong("action_id"),
                row.getOffsetDateTime("at"),
                new Author(row.getString("actor"), row.getString("key_name"), row.getString("request_id")),
                row.getString("action"),
                row.getString("sale_id"),
                row.getString("subject"),
                row.getString("reason"),
                row.getString("before"),
                row.getString("after"));
    }
}
