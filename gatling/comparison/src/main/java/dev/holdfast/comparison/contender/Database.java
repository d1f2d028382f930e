package dev.holdfast.comparison.contender;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A contender's database as the run looks at it, beside the contender itself. */
final class Database implements AutoCloseable {

    private final Connection connection;

    Database(String postgresUri) {
        URI uri = URI.create(postgresUri);
        String jdbc = "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath();
        try {
            connection = DriverManager.getConnection(jdbc, "postgres", "postgres");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot connect to " + jdbc, e);
        }
    }

    /** Reads one row. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    void runResource(String name) {
        try (InputStream in = Database.class.getResourceAsStream(name);
                Statement statement = connection.createStatement()) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            boolean ignored = statement.execute(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + name, e);
        }
    }

    void run(String sql, Object... parameters) {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            boolean ignored = statement.execute();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + sql, e);
        }
    }

    <T> List<T> query(RowReader<T> reader, String sql, Object... parameters) {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run " + sql, e);
        }
    }

    /** The number that a query of one row and column answers. */
    long number(String sql, Object... parameters) {
        return query(row -> row.getLong(1), sql, parameters).getFirst();
    }

    private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close a connection", e);
        }
    }
}
