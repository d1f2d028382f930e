package dev.holdfast.scenario;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** Reads lane 0 of a sale from PostgreSQL, through JDBC and by the names of its tables. Safe for all threads. */
final class BooksReader {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String LEDGER =
            "select epoch, seq, entry from ledger where sale_id = ? and lane = 0 order by epoch, seq";

    private static final String CURSOR = "select recorded_seq from lanes where sale_id = ? and lane = 0";

    private static final String RECORDER =
            "select l.recorder from lanes l join nodes n on n.node_id = l.recorder and n.records_until > now()"
                    + " where l.sale_id = ? and l.lane = 0";

    private static final String LEASE_LEFT = """
            select coalesce(extract(epoch from n.records_until - clock_timestamp()) * 1000, 0)::bigint
            from lanes l
            left join nodes n on n.node_id = l.recorder
            where l.sale_id = ? and l.lane = 0
            """;

    private static final String LANE_STATE = "select state from lanes where sale_id = ? and lane = 0";

    private static final String STOCK =
            "select sku, capacity, available, held, sold from stock where sale_id = ? and lane = 0";

    private static final String RESERVATIONS = """
            select reservation_id, state, customer_id, lines, held_at, expires_at, ended_at
            from reservations
            where sale_id = ? and lane = 0
            """;

    private static final String FILED = """
            select t.epoch, t.reservation_id, t.state, t.units, l.reservation_id is not null as is_lost,
                   exists (select from rebuilds r
                           where r.sale_id = t.sale_id and r.lane = t.lane and r.epoch > t.epoch and r.state = 'done'
                             and r.started_at > t.filed_at) as in_time
            from told_answers t
            left join lost_answers l using (sale_id, lane, epoch, reservation_id)
            where t.sale_id = ? and t.lane = 0
            """;

    private static final String STATES_AND_FILED = """
            with s as (select ? as sale_id)
            select reservation_id, state from reservations join s using (sale_id) where lane = 0
            union all
            select reservation_id, 'filed' from told_answers join s using (sale_id) where lane = 0
            """;

    private static final String FINDINGS = """
            select epoch, kind, reservation_id
            from rebuild_findings
            where sale_id = ? and lane = 0 and reservation_id is not null
            """;

    private static final String LOSSES = """
            select epoch, coalesce((details ->> 'lostAnswers')::bigint, 0), coalesce((details ->> 'units')::bigint, 0)
            from incidents
            where sale_id = ? and lane = 0 and kind = 'history-lost'
            """;

    private static final String RECLAIM_MS = "select reclaim_ms from sales where sale_id = ?";

    private final String jdbcUrl;
    private final String user;
    private final String password;

    /** @param uri postgresql://user:password@host:port/database */
    BooksReader(String uri) {
        URI parsed = URI.create(uri);
        String[] credentials = parsed.getUserInfo().split(":", 2);
        jdbcUrl = "jdbc:postgresql://" + parsed.getHost() + ':' + parsed.getPort() + parsed.getPath();
        user = credentials[0];
        password = credentials[1];
    }

    /** All of one moment. */
    BooksState state(String saleId) {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return state(connection, saleId);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read the books of " + saleId, e);
        }
    }

    private static BooksState state(Connection connection, String saleId) throws SQLException {
        NavigableMap<Long, String> ledger = new TreeMap<>();
        Epochs epochs = new Epochs();
        each(
                connection,
                LEDGER,
                saleId,
                row -> ledger.put(epochs.next(row.getLong(1), row.getLong(2)), row.getString(3)));
        Map<String, Counts> stock = new TreeMap<>();
        each(
                connection,
                STOCK,
                saleId,
                row -> stock.put(
                        row.getString(1), new Counts(row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5))));
        Map<String, BooksState.Row> reservations = new HashMap<>();
        each(connection, RESERVATIONS, saleId, row -> reservations.put(row.getString(1), reservation(row)));
        return new BooksState(
                epochs,
                ledger,
                epochs.place(recordedSeq(connection, saleId)),
                stock,
                reservations,
                lost(connection, saleId));
    }

    private static LostBooks lost(Connection connection, String saleId) throws SQLException {
        List<LostBooks.Filed> filed = new ArrayList<>();
        each(
                connection,
                FILED,
                saleId,
                row -> filed.add(new LostBooks.Filed(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getBoolean(5),
                        row.getBoolean(6))));
        List<LostBooks.Finding> findings = new ArrayList<>();
        each(
                connection,
                FINDINGS,
                saleId,
                row -> findings.add(new LostBooks.Finding(row.getLong(1), row.getString(2), row.getString(3))));
        List<LostBooks.Loss> losses = new ArrayList<>();
        each(
                connection,
                LOSSES,
                saleId,
                row -> losses.add(new LostBooks.Loss(row.getLong(1), row.getLong(2), row.getLong(3))));
        List<Long> reclaimMs = new ArrayList<>();
        each(connection, RECLAIM_MS, saleId, row -> reclaimMs.add(row.getLong(1)));
        return new LostBooks(filed, findings, losses, reclaimMs.isEmpty() ? 0 : reclaimMs.getFirst());
    }

    /** By id what the books say of each reservation: its state, and {@code filed} where a node filed what it had told of it. */
    Map<String, Set<String>> statesAndFiled(String saleId) {
        Map<String, Set<String>> known = new HashMap<>();
        each(
                STATES_AND_FILED,
                saleId,
                row -> known.computeIfAbsent(row.getString(1), id -> new HashSet<>())
                        .add(row.getString(2)));
        return known;
    }

    /** The cursor; -1 if PostgreSQL knows no such sale. */
    long recordedSeq(String saleId) {
        try (Connection connection = connect()) {
            return recordedSeq(connection, saleId);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read the cursor of " + saleId, e);
        }
    }

    private static long recordedSeq(Connection connection, String saleId) throws SQLException {
        List<Long> cursors = new ArrayList<>();
        each(connection, CURSOR, saleId, row -> cursors.add(row.getLong(1)));
        return cursors.isEmpty() ? -1 : cursors.getFirst();
    }

    /** The lane's state; empty text if there is none. */
    String laneState(String saleId) {
        return word(LANE_STATE, saleId);
    }

    /** The node that records the lane now; empty text if none does. */
    String recorder(String saleId) {
        return word(RECORDER, saleId);
    }

    /** For how long nobody else may record the lane, by PostgreSQL's clock; negative or zero where anybody may. */
    Duration leaseLeft(String saleId) {
        List<Long> left = new ArrayList<>();
        each(LEASE_LEFT, saleId, row -> left.add(row.getLong(1)));
        return Duration.ofMillis(left.getFirst());
    }

    private String word(String sql, String saleId) {
        List<String> words = new ArrayList<>();
        each(sql, saleId, row -> words.add(row.getString(1)));
        return words.isEmpty() ? "" : words.getFirst();
    }

    private static BooksState.Row reservation(ResultSet row) throws SQLException {
        Timestamp ended = row.getTimestamp(7);
        return new BooksState.Row(
                row.getString(2),
                row.getString(3),
                lines(row.getString(4)),
                row.getTimestamp(5).getTime(),
                row.getTimestamp(6).getTime(),
                ended == null ? 0 : ended.getTime());
    }

    private static Lines lines(String json) {
        try {
            return new Lines(JSON.readValue(json, new TypeReference<TreeMap<String, Integer>>() {}));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lines that are no JSON: " + json, e);
        }
    }

    /** A new connection. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl, user, password);
    }

    private void each(String sql, String saleId, RowReader reader) {
        try (Connection connection = connect()) {
            each(connection, sql, saleId, reader);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read the books: " + sql, e);
        }
    }

    private static void each(Connection connection, String sql, String saleId, RowReader reader) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, saleId);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                reader.read(rows);
            }
        }
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }
}
