package dev.holdfast.ledger;

import dev.holdfast.ledger.KnownKeys.Known;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keys as rows, inside someone else's transaction. */
final class KeyRows {

    /** Two admins may make a key of one name at once, and there may be no row to lock. The first number is ours alone. */
    private static final String LOCK_NAME = """
            select pg_advisory_xact_lock(1801812083, hashtext($1))
            """;

    private static final String VALID = """
            select * from api_keys
            where name = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
            order by key_id
            """;

    private static final String INSERT = """
            insert into api_keys (name, scope, digest, created_at, created_by, expires_at)
            values ($1, $2, $3, $4, $5, $6)
            returning *
            """;

    private static final String LOCK = """
            select * from api_keys where key_id = $1 for update
            """;

    private static final String REVOKE = """
            update api_keys set revoked_at = $2 where key_id = $1 returning *
            """;

    private KeyRows() {}

    /** Nobody else makes a key of this name until the transaction is over. */
    static Future<Void> lockName(SqlConnection connection, String name) {
        return connection.preparedQuery(LOCK_NAME).execute(Tuple.of(name)).mapEmpty();
    }

    /** The valid keys of this name, oldest first. */
    static Future<List<ApiKey>> valid(SqlConnection connection, String name, long nowMs) {
        return connection
                .preparedQuery(VALID)
                .execute(Tuple.of(name, Columns.time(nowMs)))
                .map(KeyRows::keys);
    }

    static Future<ApiKey> insert(
            SqlConnection connection, AdminAction action, NewKey wanted, KeyDigest digest, long nowMs) {
        Tuple arguments = Tuple.from(new @Nullable Object[] {
            wanted.name(),
            wanted.scope().word(),
            Buffer.buffer(digest.bytes()),
            Columns.time(nowMs),
            action.author().actor(),
            Columns.timeOrNull(wanted.expiresAtMs())
        });
        return connection
                .preparedQuery(INSERT)
                .execute(arguments)
                .map(rows -> key(rows.iterator().next()))
                .compose(key -> AdminActions.add(connection, action, null, key.name(), null, json(key))
                        .map(key));
    }

    /** Nobody else changes the key until the transaction is over. */
    static Future<Optional<ApiKey>> lock(SqlConnection connection, long keyId) {
        return connection
                .preparedQuery(LOCK)
                .execute(Tuple.of(keyId))
                .map(rows -> SaleRows.first(rows).map(KeyRows::key));
    }

    static Future<ApiKey> revoke(SqlConnection connection, AdminAction action, ApiKey key, long nowMs) {
        return connection
                .preparedQuery(REVOKE)
                .execute(Tuple.of(key.id(), Columns.time(nowMs)))
                .map(rows -> key(rows.iterator().next()))
                .compose(revoked -> AdminActions.add(connection, action, null, key.name(), json(key), json(revoked))
                        .map(revoked));
    }

    static List<ApiKey> keys(RowSet<Row> rows) {
        List<ApiKey> keys = new ArrayList<>();
        rows.forEach(row -> keys.add(key(row)));
        return keys;
    }

    static List<Known> known(RowSet<Row> rows) {
        List<Known> known = new ArrayList<>();
        rows.forEach(row ->
                known.add(new Known(KeyDigest.kept(row.getBuffer("digest").getBytes()), key(row))));
        return known;
    }

    private static ApiKey key(Row row) {
        return new ApiKey(
                row.getLong("key_id"),
                row.getString("name"),
                KeyScope.ofWord(row.getString("scope")).orElseThrow(),
                Columns.ms(row.getOffsetDateTime("created_at")),
                row.getString("created_by"),
                Columns.msOrNull(row.getOffsetDateTime("expires_at")),
                Columns.msOrNull(row.getOffsetDateTime("last_used_at")),
                Columns.msOrNull(row.getOffsetDateTime("revoked_at")));
    }

    /** As the audit trail shows it. */
    private static JsonObject json(ApiKey key) {
        return new JsonObject()
                .put("keyId", Long.toString(key.id()))
                .put("scope", key.scope().word())
                .put("expiresAt", instant(key.expiresAtMs()))
                .put("revokedAt", instant(key.revokedAtMs()));
    }

    private static @Nullable String instant(@Nullable Long ms) {
        return ms == null ? null : Instant.ofEpochMilli(ms).toString();
    }
}
