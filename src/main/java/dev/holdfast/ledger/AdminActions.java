package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/** The audit trail: what admins do is written down by the transaction that does it, or is not done. */
final class AdminActions {

    private static final String ADD = """
            insert into admin_actions (actor, key_name, request_id, action, sale_id, subject, reason, before, after)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;

    private AdminActions() {}

    /**
     * To be called inside the transaction of the action. Fails with {@link SaleIsLocked}, and rolls it back, where the action has a
     * fence and another operation has claimed the sale meanwhile.
     *
     * @param saleId null where it is about no sale
     * @param subject what of the sale: a SKU, a reservation; null for the sale itself
     * @param before null where it was not there
     * @param after null where it is not there any more
     */
    static Future<Void> add(
            SqlConnection connection,
            AdminAction action,
            @Nullable SaleId saleId,
            @Nullable String subject,
            @Nullable JsonObject before,
            @Nullable JsonObject after) {
        Author author = action.author();
        Tuple arguments = Tuple.from(new @Nullable Object[] {
            author.actor(),
            author.keyName(),
            author.requestId(),
            action.kind().word(),
            saleId == null ? null : saleId.value(),
            subject,
            action.reason(),
            before,
            after
        });
        Fence fence = action.fence();
        return (fence == null ? Future.<Void>succeededFuture() : SaleFences.require(connection, fence))
                .compose(
                        ours -> connection.preparedQuery(ADD).execute(arguments).mapEmpty());
    }
}
