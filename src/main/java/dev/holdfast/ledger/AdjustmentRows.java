package dev.holdfast.ledger;

import dev.holdfast.reservation.Adjustment;
import dev.holdfast.reservation.LedgerEntry.Adjusted;
import dev.holdfast.reservation.Sku;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Adjustments as rows, inside someone else's transaction. */
final class AdjustmentRows {

    /**
     * What a ledger entry tells is so, whether anybody heard Redis's answer or not. Locked in one order, as in {@link AdjustmentBook}:
     * an import settles hundreds at the same moment.
     */
    private static final String RECORDED = """
            with locked as materialized (
                select adjustment_no, adjustment_id
                from adjustments
                where adjustment_id = any ($1) and recorded_at is null
                order by adjustment_no
                for update
            )
            update adjustments a
            set state = 'applied', pending_reduction = e.pending, recorded_at = now()
            from locked l
            join unnest($1::text[], $2::bigint[]) as e(adjustment_id, pending) using (adjustment_id)
            where a.adjustment_no = l.adjustment_no
            """;

    private AdjustmentRows() {}

    /** Their ledger entries are in the books. */
    static Future<Void> recorded(SqlConnection connection, List<Adjusted> adjusted) {
        if (adjusted.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple arguments = Tuple.from(
                List.of(Columns.texts(adjusted, Adjusted::id), Columns.numbers(adjusted, Adjusted::pending)));
        return connection.preparedQuery(RECORDED).execute(arguments).mapEmpty();
    }

    static Adjustment adjustment(Row row) {
        return new Adjustment(
                row.getLong("adjustment_no"),
                row.getString("adjustment_id"),
                new Sku(row.getString("sku")),
                row.getLong("version"),
                row.getLong("capacity_before"),
                row.getLong("capacity_after"),
                row.getBoolean("allow_below_held"));
    }
}
