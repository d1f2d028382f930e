package dev.holdfast.ledger;

import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/**
 * Lets a role of PostgreSQL run the service, and do nothing else: the owner of the tables could switch off what keeps the audit trail
 * append-only. Nothing here is for an event loop.
 */
public final class ServiceRole {

    private static final String ACTS_AS_OWNER = """
            select pg_has_role(r.oid, c.relowner, 'usage')
            from pg_roles r
            cross join pg_class c
            where r.rolname = ? and c.oid = 'admin_actions'::regclass
            """;

    private ServiceRole() {}

    /**
     * Takes from the role all that it may do with our tables, and grants it what the service needs, in one transaction. Throws
     * IllegalStateException, in one line, where there is no such role, where it may act as the owner, or where the caller may not.
     *
     * @param ownerUri of the role that owns the tables
     */
    public static void grant(String ownerUri, String role) {
        try (Connection connection = Migrations.connect(PgConnectOptions.fromUri(ownerUri))) {
            requireOther(connection, role);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(grants().replace(":\"role\"", quoted(role)));
            }
            connection.commit();
        } catch (SQLException e) {
            throw Migrations.oneLine(e);
        }
    }

    private static void requireOther(Connection connection, String role) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ACTS_AS_OWNER)) {
            statement.setString(1, role);
            try (ResultSet found = statement.executeQuery()) {
                if (!found.next()) {
                    throw new IllegalStateException("PostgreSQL has no role " + role);
                }
                if (found.getBoolean(1)) {
                    throw new IllegalStateException("the role " + role
                            + " owns the tables or may act as their owner: nothing can be kept from it");
                }
            }
        }
    }

    private static String grants() {
        try (InputStream in = Objects.requireNonNull(ServiceRole.class.getResourceAsStream("/db/service-role.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read service-role.sql", e);
        }
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
