package dev.holdfast.ledger;

import io.vertx.pgclient.PgConnectOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/** Brings the schema up to date. Nothing here is for an event loop; all of it throws IllegalStateException, in one line. */
public final class Migrations {

    /** Null where there is no schema yet: whoever comes first owns it. */
    private static final String OWNS_THE_TABLES = """
            select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass('flyway_schema_history')
            """;

    private Migrations() {}

    /**
     * Applies what is missing, and waits for it. Nodes that start at once take turns, by Flyway's advisory lock. A role that does
     * not own the tables changes nothing, and only requires that nothing is missing.
     *
     * @param postgresUri postgresql://user:password@host:port/db, perhaps with ?sslmode=...
     */
    public static void run(String postgresUri) {
        PgConnectOptions server = PgConnectOptions.fromUri(postgresUri);
        try {
            if (ownsTheTables(server)) {
                flyway(server).migrate();
            } else {
                requireAll(flyway(server));
            }
        } catch (FlywayException | SQLException e) {
            throw oneLine(e);
        }
    }

    /** Changes nothing, whoever asks: throws where a migration is missing. */
    public static void require(String postgresUri) {
        try {
            requireAll(flyway(PgConnectOptions.fromUri(postgresUri)));
        } catch (FlywayException e) {
            throw oneLine(e);
        }
    }

    private static boolean ownsTheTables(PgConnectOptions server) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(OWNS_THE_TABLES)) {
            return !found.next() || found.getBoolean(1);
        }
    }

    private static void requireAll(Flyway flyway) {
        MigrationInfo[] missing = flyway.info().pending();
        if (missing.length > 0) {
            throw new IllegalStateException("PostgreSQL lacks "
                    + Arrays.stream(missing)
                            .map(migration -> "V" + migration.getVersion())
                            .collect(Collectors.joining(", "))
                    + " of the schema: run `migrate` as the role that owns the tables");
        }
        flyway.validate();
    }

    private static Flyway flyway(PgConnectOptions server) {
        return Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(jdbcUrl(server), server.getUser(), server.getPassword())
                .locations("classpath:db/migration")
                .validateMigrationNaming(true)
                .cleanDisabled(true)
                .load();
    }

    /** For statements of migrations, which Vert.x has no part in. */
    static Connection connect(PgConnectOptions server) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(server), server.getUser(), server.getPassword());
    }

    static IllegalStateException oneLine(Exception failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return new IllegalStateException(message.lines().findFirst().orElse("no reason given"), failure);
    }

    /** Read by the same parser as the pool's, so that both mean the same server. */
    static String jdbcUrl(PgConnectOptions server) {
        String host = server.getHost().contains(":") ? '[' + server.getHost() + ']' : server.getHost();
        StringBuilder url = new StringBuilder("jdbc:postgresql://")
                .append(host)
                .append(':')
                .append(server.getPort())
                .append('/')
                .append(encoded(server.getDatabase()))
                .append("?ApplicationName=holdfast&connectTimeout=5");
        String sslMode = server.getSslMode().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return url.append("&sslmode=").append(sslMode).toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
