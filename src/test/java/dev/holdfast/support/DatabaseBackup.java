package dev.holdfast.support;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
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

    private DatabaseBackup(String uri) {
        this.uri = URI.create(uri);
        name = this.uri.getPath().substring(1);
    }

    /** Copies the database as it is now. */
    public static DatabaseBackup of(String uri) {
        DatabaseBackup backup = new DatabaseBackup(uri);
        backup.alone("create database " + backup.copy + " template " + backup.name);
        return backup;
    }

    /** The copy is the database from now on. What it was is kept under another name. */
    public void putBack() {
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

    private void execute(String sql) {
        String[] credentials = uri.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d/postgres".formatted(uri.getHost(), uri.getPort());
        try (Connection connection = DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1]);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + sql, e);
        }
    }
}
