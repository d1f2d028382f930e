package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** Which operation may change which sale. Safe for all threads. */
public final class SaleFences {

    private static final String LAST = """
            select token, holder, operation, since from sale_fences where sale_id = $1
            """;

    /** Nobody claims the sale until the transaction is over; a claim that was faster is seen. */
    private static final String LAST_KEPT = """
            select token, holder, operation, since from sale_fences where sale_id = $1 for share
            """;

    private static final String CLAIM = """
            insert into sale_fences as f (sale_id, token, holder, operation)
            values ($1, $2::bigint + 1, $3, $4)
            on conflict (sale_id) do update
            set token = excluded.token, holder = excluded.holder, operation = excluded.operation, since = excluded.since
            where f.token = $2::bigint
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public SaleFences(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Who claimed the sale last; empty where nobody ever did. */
    public Future<Optional<FenceHolder>> last(SaleId saleId) {
        return postgres.query("find holder of sale " + saleId, LAST, Tuple.of(saleId.value()))
                .map(rows -> SaleRows.first(rows).map(SaleFences::holder));
    }

    /**
     * Claims the sale: from now on no operation that claimed it before can change it. Answers the action with the right to be done.
     * Fails with {@link SaleIsLocked} where somebody claimed it after {@code last}, which is what {@link #last} answered.
     */
    public Future<AdminAction> claim(SaleId saleId, Optional<FenceHolder> last, AdminAction action) {
        long token = last.map(FenceHolder::token).orElse(0L);
        Tuple arguments = Tuple.of(
                saleId.value(), token, action.author().actor(), action.kind().word());
        return postgres.query("claim sale " + saleId, CLAIM, arguments)
                .compose(claimed -> claimed.rowCount() == 1
                        ? Future.succeededFuture(action.under(new Fence(saleId, token + 1)))
                        : last(saleId).map(now -> {
                            throw new SaleIsLocked(saleId, now.orElseThrow());
                        }));
    }

    /** Inside a transaction: fails with {@link SaleIsLocked} unless the sale is still this operation's, and keeps it so to the end. */
    static Future<Void> require(SqlConnection connection, Fence fence) {
        return connection
                .preparedQuery(LAST_KEPT)
                .execute(Tuple.of(fence.saleId().value()))
                .map(rows -> {
                    FenceHolder now = holder(rows.iterator().next());
                    if (now.token() != fence.token()) {
                        throw new SaleIsLocked(fence.saleId(), now);
                    }
                    return null;
                });
    }

    private static FenceHolder holder(Row row) {
        return new FenceHolder(
                row.getLong("token"),
                row.getString("holder"),
                row.getString("operation"),
                row.getOffsetDateTime("since").toInstant());
    }
}
