package dev.holdfast.support;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * A copy of a database, made while nodes use it, that can be put in its place later: PostgreSQL is as old then as the copy, as after a backup
 * that was restored or a standby that lagged. Connections are ended by both.
 */
public final class DatabaseBackup {

    private final URI uri;
    private final String name;
    private final String copy = "backup_" + UUID.randomUUID().toString().replace("-", "");

    /** What nodes had counted when it was made. */
    private final long beat;

    private DatabaseBackup(String uri) {
        this.uri = URI.create(uri);
        name = this.uri.getPath().substring(1);
        beat = beat();
    }

    /** Copies the database as it is now. */
    public static DatabaseBackup of(String uri) {
        DatabaseBackup backup = new DatabaseBackup(uri);
        backup.alone("create database " + backup.copy + " template " + backup.name);
        return backup;
    }

    /**
     * The copy is the database from now on. What it was is kept under another name. Waits until nodes have counted on, and know it: one that
     * is as old as the second in which it was put back is not noticed before the next commit.
     */
    public void putBack() {
        await().until(() -> beat() >= beat + 3);
        String lost = "lost_" + UUID.randomUUID().toString().replace("-", "");
        alone(
                "alter database " + name + " rename to " + lost,
                "alter database " + copy + " rename to " + name,
                "alter database " + name + " allow_connections true");
    }

    /** While nobody is connected. */
    private void alone(String... statements) {
        execute("alter database " + name + " allow_connections false");
        try {
            execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '" + name + "'");
            for (String sql : statements) {
                execute(sql);
            }
        } finally {
            execute("alter database " + name + " allow_connections true");
        }
    }

    private long beat() {
        try (Connection connection = connect(name);
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("select beat from database_life")) {
            if (!found.next()) {
                throw new IllegalStateException("nobody counts");
            }
            return found.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read the count of " + name, e);
        }
    }

    private void execute(String sql) {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + sql, e);
        }
    }

    private Connection connect(String database) throws SQLException {
        String[] credentials = uri.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d/%s".formatted(uri.getHost(), uri.getPort(), database);
        return DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1]);
    }
}
