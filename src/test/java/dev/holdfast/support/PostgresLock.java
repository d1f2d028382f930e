package dev.holdfast.support;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** A lock in PostgreSQL that keeps others waiting until it is closed: a point at which whoever needs it stands still. */
public final class PostgresLock implements AutoCloseable {

    private final Connection connection;

    private PostgresLock(Connection connection) {
        this.connection = connection;
    }

    /** Has the lock once it answers: {@code sql} takes it, as in {@code lock table} or {@code select ... for update}. */
    public static PostgresLock taken(String uri, String sql) {
        try {
            Connection connection = connect(uri);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
            return new PostgresLock(connection);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot lock by " + sql, e);
        }
    }

    /** How many statements of the database wait for a lock. */
    public long waiting() {
        String sql =
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot count who waits", e);
        }
    }

    /** Keeps what was changed under the lock. */
    public void commit() {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot commit", e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot give a lock back", e);
        }
    }

    private static Connection connect(String text) throws SQLException {
        URI uri = URI.create(text);
        String[] credentials = uri.getUserInfo().split(":", 2);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + uri.getHost() + ':' + uri.getPort() + uri.getPath(),
                credentials[0],
                credentials[1]);
    }
}
