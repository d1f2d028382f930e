package dev.holdfast.ledger;

import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The audit trail: what admins do is written down by the transaction that does it, or is not done. */
final class AdminActions {

    private static final String ADD = """
            insert into admin_actions (actor, key_name, request_id, action, sale_id, subject, reason, before, after)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;

    /** Numbered in the order given. */
    private static final String ADD_MANY = """
            insert into admin_actions (actor, key_name, request_id, action, sale_id, subject, reason, before, after)
            select $1, $2, $3, r.action, $4, r.subject, $5, r.before::json, r.after::json
            from unnest($6::text[], $7::text[], $8::text[], $9::text[]) with ordinality
                 r(action, subject, before, after, place)
            order by r.place
            """;

    private AdminActions() {}

    /** One of many subjects of one action, as {@link #add} has them. */
    record Subject(
            AdminAction.Kind kind,
            String name,
            @Nullable JsonObject before,
            @Nullable JsonObject after) {}

    /** As {@link #add}, for many subjects of a sale at once, each with its own kind. */
    static Future<Void> addMany(SqlConnection connection, AdminAction action, SaleId saleId, List<Subject> subjects) {
        Author author = action.author();
        Tuple arguments = Tuple.from(new @Nullable Object[] {
            author.actor(),
            author.keyName(),
            author.requestId(),
            saleId.value(),
            action.reason(),
            Columns.texts(subjects, subject -> subject.kind().word()),
            Columns.texts(subjects, Subject::name),
            Columns.texts(subjects, subject -> text(subject.before())),
            Columns.texts(subjects, subject -> text(subject.after()))
        });
        return ifOurs(connection, action, connection.preparedQuery(ADD_MANY).execute(arguments));
    }

    /** Asked on the heels of what was added: where the sale is not ours any more, all of the transaction is rolled back. */
    private static Future<Void> ifOurs(SqlConnection connection, AdminAction action, Future<?> added) {
        Fence fence = action.fence();
        return fence == null
                ? added.mapEmpty()
                : Future.all(SaleFences.require(connection, fence), added).mapEmpty();
    }

    private static @Nullable String text(@Nullable JsonObject json) {
        return json == null ? null : json.encode();
    }

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
        return ifOurs(connection, action, connection.preparedQuery(ADD).execute(arguments));
    }
}
