package dev.holdfast.ledger;

import dev.holdfast.reservation.DeploymentBook;
import dev.holdfast.reservation.Lane;
import dev.holdfast.reservation.SaleId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which deployment this database belongs to. Safe for all threads. */
public final class DeploymentRows implements DeploymentBook {

    /** Some lanes are enough to tell whether Redis has any. One that was never opened need not be there, one that is retired must not. */
    private static final String FIND = """
            select d.id, l.sale_id, l.lane, l.epoch
            from (select (select id from deployment) as id) d
            left join lateral (
                select sale_id, lane, epoch from lanes where state not in ('preparing', 'retired') order by epoch desc limit 20
            ) l on true
            """;

    private static final String BEGIN = """
            insert into deployment (id) values ($1) on conflict (only_row) do nothing
            """;

    private static final String ID = """
            select id from deployment
            """;

    private final Postgres postgres;

    /** Keeps nothing in memory. */
    public DeploymentRows(Postgres postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<Known> find() {
        return postgres.query("find the deployment", FIND, Tuple.tuple()).map(rows -> {
            Optional<String> id = Optional.empty();
            List<Lane> lanes = new ArrayList<>();
            for (Row row : rows) {
                id = Optional.ofNullable(row.getString("id"));
                if (row.getString("sale_id") != null) {
                    lanes.add(new Lane(
                            new SaleId(row.getString("sale_id")), row.getInteger("lane"), row.getLong("epoch")));
                }
            }
            return new Known(id, lanes);
        });
    }

    /** The id; empty where none was written yet. */
    public Future<Optional<String>> id() {
        return postgres.query("find the deployment's id", ID, Tuple.tuple())
                .map(rows -> SaleRows.first(rows).map(row -> row.getString("id")));
    }

    @Override
    public Future<String> begin(String id) {
        return postgres.inTransaction("begin a deployment", connection -> begin(connection, id));
    }

    /**
     * Notes in the audit trail that a Redis is made this deployment's, and gives the deployment its id where it has none; answers the id.
     *
     * @param found the id that Redis had; null for none
     * @param secrets digests of those that are the deployment's from now on; empty where they stay as they are
     */
    public Future<Adopted> adopt(
            AdminAction action, String newId, String redis, @Nullable String found, List<String> secrets) {
        return postgres.inTransaction(
                "adopt " + redis,
                connection -> begin(connection, newId)
                        .compose(id -> secrets.isEmpty()
                                ? Future.succeededFuture(new Adopted(id, 0))
                                : SecretRows.forgetOthers(connection, secrets).map(count -> new Adopted(id, count)))
                        .compose(adopted -> AdminActions.add(
                                        connection,
                                        action,
                                        null,
                                        redis,
                                        new JsonObject().put("deploymentId", found),
                                        new JsonObject().put("deploymentId", adopted.id()))
                                .map(adopted)));
    }

    /**
     * What an adoption did.
     *
     * @param id of the deployment
     * @param forgottenSecrets how many secrets are not the deployment's any more
     */
    public record Adopted(String id, int forgottenSecrets) {}

    private static Future<String> begin(SqlConnection connection, String id) {
        return connection
                .preparedQuery(BEGIN)
                .execute(Tuple.of(id))
                .compose(begun -> connection.preparedQuery(ID).execute())
                .map(rows -> rows.iterator().next().getString("id"));
    }
}
