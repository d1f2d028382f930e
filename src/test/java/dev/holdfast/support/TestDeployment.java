package dev.holdfast.support;

import dev.holdfast.ledger.Migrations;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Has a new database and a Redis belong together before any node meets them. Tests share one Redis, and each has a database of its own: a
 * node would take all but the first of these for another deployment's.
 */
public final class TestDeployment {

    private static final String KEY = "hf:deployment";

    private static final RedisClient CLIENT = RedisClient.create();

    private TestDeployment() {}

    /** Gives a database that has no id yet the one of this Redis, which gets one where it has none. */
    public static void join(String redisUri, String postgresUri) {
        Migrations.run(postgresUri);
        URI uri = URI.create(postgresUri);
        String[] credentials = uri.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d%s".formatted(uri.getHost(), uri.getPort(), uri.getPath());
        try (Connection books = DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1])) {
            if (!hasId(books)) {
                begin(books, idOf(redisUri));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot join " + postgresUri, e);
        }
    }

    private static boolean hasId(Connection books) throws SQLException {
        try (PreparedStatement query = books.prepareStatement("select id from deployment");
                ResultSet found = query.executeQuery()) {
            return found.next();
        }
    }

    private static void begin(Connection books, String id) throws SQLException {
        try (PreparedStatement insert =
                books.prepareStatement("insert into deployment (id) values (?) on conflict do nothing")) {
            insert.setString(1, id);
            insert.executeUpdate();
        }
    }

    private static String idOf(String redisUri) {
        try (StatefulRedisConnection<String, String> redis = CLIENT.connect(RedisURI.create(redisUri))) {
            var unused = redis.sync().set(KEY, UUID.randomUUID().toString(), SetArgs.Builder.nx());
            return redis.sync().get(KEY);
        }
    }
}
