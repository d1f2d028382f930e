package dev.holdfast.scenario;

import dev.holdfast.scenario.Observation.CursorRead;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads again and again how far PostgreSQL has recorded a lane, over one connection. Not safe for several threads. */
final class CursorWatch implements AutoCloseable {

    private static final String CURSOR = "select epoch, recorded_seq from lanes where sale_id = ? and lane = 0";

    private final BooksReader books;
    private final String saleId;
    private @Nullable Connection connection;

    CursorWatch(BooksReader books, String saleId) {
        this.books = books;
        this.saleId = saleId;
    }

    /** Empty while PostgreSQL is away. */
    Optional<CursorRead> read() {
        long start = System.nanoTime();
        try {
            if (connection == null) {
                connection = books.connect();
            }
            try (PreparedStatement statement = connection.prepareStatement(CURSOR)) {
                statement.setString(1, saleId);
                ResultSet row = statement.executeQuery();
                return row.next()
                        ? Optional.of(new CursorRead(row.getLong(1), row.getLong(2), start, System.nanoTime()))
                        : Optional.empty();
            }
        } catch (SQLException e) {
            close();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                throw new IllegalStateException("cannot close a connection of PostgreSQL", e);
            }
        }
    }
}
