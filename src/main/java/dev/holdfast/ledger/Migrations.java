package dev.holdfast.ledger;

import io.vertx.pgclient.PgConnectOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Brings the schema up to date at start. */
public final class Migrations {

    private Migrations() {}

    /**
     * Applies what is missing, and waits for it: not for an event loop. Nodes that start at once take turns, by Flyway's
     * advisory lock.
     *
     * <p>Throws IllegalStateException, in one line, where PostgreSQL is away or a migration fails.
     *
     * @param postgresUri postgresql://user:password@host:port/db, perhaps with ?sslmode=...
     */
    public static void run(String postgresUri) {
        PgConnectOptions server = PgConnectOptions.fromUri(postgresUri);
        try {
            migrate(server);
        } catch (FlywayException e) {
            throw new IllegalStateException(
                    e.getMessage() == null
                            ? e.toString()
                            : e.getMessage().lines().findFirst().orElse("no reason given"),
                    e);
        }
    }

    private static void migrate(PgConnectOptions server) {
        Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(jdbcUrl(server), server.getUser(), server.getPassword())
                .locations("classpath:db/migration")
                .validateMigrationNaming(true)
                .cleanDisabled(true)
                .load()
                .migrate();
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
