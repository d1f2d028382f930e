package dev.holdfast.support;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A database of a test's own, to look into and to meddle with beside the service. */
public final class TestDatabase {

    private final String uri;

    /** A new one. */
    public TestDatabase() {
        this(TestServers.migratedDatabase());
    }

    /** This one, which others use too. */
    public TestDatabase(String uri) {
        this.uri = uri;
    }

    /** For a node. */
    public String uri() {
        return uri;
    }

    /** The rows, each as the texts of its columns. */
    public List<List<String>> rows(String sql, Object... arguments) {
        try (Connection connection = connect();
                PreparedStatement statement = prepared(connection, sql, arguments);
                ResultSet found = statement.executeQuery()) {
            List<List<String>> rows = new ArrayList<>();
            while (found.next()) {
                List<String> row = new ArrayList<>();
                for (int column = 1; column <= found.getMetaData().getColumnCount(); column++) {
                    row.add(String.valueOf(found.getString(column)));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read " + sql, e);
        }
    }

    /** Changes what is there. */
    public void change(String sql, Object... arguments) {
        try (Connection connection = connect();
                PreparedStatement statement = prepared(connection, sql, arguments)) {
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + sql, e);
        }
    }

    /** Does it while another transaction holds the locks of this query. */
    public void whileLocked(String sql, Object argument, Runnable meanwhile) {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = prepared(connection, sql, argument);
                    ResultSet locked = statement.executeQuery()) {
                if (!locked.next()) {
                    throw new IllegalStateException("nothing to lock: " + sql);
                }
                meanwhile.run();
            } finally {
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot lock " + sql, e);
        }
    }

    private static PreparedStatement prepared(Connection connection, String sql, Object... arguments)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
        return statement;
    }

    private Connection connect() throws SQLException {
        URI parsed = URI.create(uri);
        String[] credentials = parsed.getUserInfo().split(":", 2);
        String jdbcUrl = "jdbc:postgresql://%s:%d%s".formatted(parsed.getHost(), parsed.getPort(), parsed.getPath());
        return DriverManager.getConnection(jdbcUrl, credentials[0], credentials[1]);
    }
}
