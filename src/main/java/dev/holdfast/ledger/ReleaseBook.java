package dev.holdfast.ledger;

import dev.holdfast.ledger.AdminAction.Kind;
import dev.holdfast.reservation.Line;
import dev.holdfast.reservation.Reservation;
import dev.holdfast.reservation.ReservationId;
import dev.holdfast.reservation.ReservationState;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Releases by admins: written before Redis is told, and settled, with an entry in the audit trail, when it is known what came of
 * them. So none is done without a name and a reason, whatever breaks in between. Safe for all threads.
 */
public final class ReleaseBook {

    /** What an admin asked for and nobody knows the end of. */
    public record Asked(long releaseId, SaleId saleId, ReservationId reservationId) {}

    private static final int MOST = 100;

    private static final String ASK = """
            insert into releases (sale_id, reservation_id, reason, actor, key_name, request_id, before)
            values ($1, $2, $3, $4, $5, $6, $7)
            returning release_id
            """;

    /** Whoever settles it first writes the trail; the others find no row. */
    private static final String SETTLE = """
            update releases set state = $2, settled_at = clock_timestamp()
            where release_id = $1 and state = 'asked'
            returning *
            """;

    /** What is younger is probably being done by the node that was asked. */
    private static final String ASKED = """
            select release_id, sale_id, reservation_id from releases
            where state = 'asked' and asked_at < now() - interval '5 seconds'
            order by asked_at
            limit $1
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public ReleaseBook(Postgres postgres) {
        this.postgres = postgres;
    }

    /** Writes down who wants this reservation released, and why. Fails with {@link dev.holdfast.reservation.Unavailable}. */
    public Future<Asked> ask(Author author, String reason, Reservation before) {
        Tuple arguments = Tuple.of(
                before.saleId().value(),
                before.id().value(),
                reason,
                author.actor(),
                author.keyName(),
                author.requestId(),
                json(before));
        return postgres.inTransaction(
                        "ask for the release of " + before.id(),
                        connection -> connection.preparedQuery(ASK).execute(arguments))
                .map(rows -> new Asked(rows.iterator().next().getLong("release_id"), before.saleId(), before.id()));
    }

    /** Notes in the audit trail what came of it, once; {@code after} is null where the reservation is not there any more. */
    public Future<Void> settle(Asked asked, @Nullable Reservation after) {
        boolean released = after != null && after.state() == ReservationState.RELEASED;
        return postgres.inTransaction(
                "settle the release of " + asked.reservationId(),
                connection -> connection
                        .preparedQuery(SETTLE)
                        .execute(Tuple.of(asked.releaseId(), released ? "released" : "refused"))
                        .compose(rows -> rows.rowCount() == 0
                                ? Future.succeededFuture()
                                : note(connection, rows.iterator().next(), released, after)));
    }

    /** At most 100 that were asked for seconds ago, oldest first. */
    public Future<List<Asked>> unsettled() {
        return postgres.query("find unsettled releases", ASKED, Tuple.of(MOST)).map(rows -> {
            List<Asked> found = new ArrayList<>();
            rows.forEach(row -> found.add(new Asked(
                    row.getLong("release_id"),
                    new SaleId(row.getString("sale_id")),
                    new ReservationId(row.getString("reservation_id")))));
            return found;
        });
    }

    /** From the columns of releases. */
    static Release release(Row row) {
        Author author = new Author(row.getString("actor"), row.getString("key_name"), row.getString("request_id"));
        return new Release(author, row.getString("reason"), Columns.ms(row.getOffsetDateTime("asked_at")));
    }

    private static Future<Void> note(SqlConnection connection, Row row, boolean released, @Nullable Reservation after) {
        Release release = release(row);
        Kind kind = released ? Kind.RESERVATION_RELEASED : Kind.RESERVATION_RELEASE_REFUSED;
        return AdminActions.add(
                connection,
                new AdminAction(release.author(), kind, release.reason()),
                new SaleId(row.getString("sale_id")),
                row.getString("reservation_id"),
                row.getJsonObject("before"),
                after == null ? null : json(after));
    }

    /** As the audit trail shows it. */
    private static JsonObject json(Reservation reservation) {
        JsonArray items = new JsonArray();
        for (Line line : reservation.cart().lines()) {
            items.add(new JsonObject().put("sku", line.sku().value()).put("quantity", line.quantity()));
        }
        JsonObject json = new JsonObject()
                .put("state", reservation.state().word())
                .put("customerId", reservation.customerId().value())
                .put("items", items)
                .put("heldAt", Instant.ofEpochMilli(reservation.heldAtMs()).toString())
                .put(
                        "expiresAt",
                        Instant.ofEpochMilli(reservation.expiresAtMs()).toString());
        Long endedAtMs = reservation.endedAtMs();
        return endedAtMs == null
                ? json
                : json.put("endedAt", Instant.ofEpochMilli(endedAtMs).toString());
    }
}
