package dev.holdfast.support;

import dev.holdfast.reservation.ReservationId;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Writes many reservations into the books, as if they had been recorded: of one moment, some held, the rest confirmed, released and expired in
 * equal parts, of one to three units, two for each customer; and behind them some that ended days before.
 */
public final class LargeSale {

    private static final String RESERVATIONS = """
            insert into reservations (sale_id, reservation_id, lane, customer_id, state, lines, units, held_at, expires_at,
                                      ended_at, revision, fingerprint, epoch, seq)
            select ?, lpad(i::text, 22, 'k') || ?, 0, 'customer-' || i / 2, n.state,
                   json_build_object(case when i % 5 = 0 then 'B' else 'A' end, i % 3 + 1), i % 3 + 1,
                   n.held_at, n.held_at + interval '1 hour',
                   case when n.state <> 'held' then n.held_at + interval '1 second' end,
                   case when n.state = 'held' then 1 else 2 end, 'Zm9v', 1, i
            from generate_series(?, ?) i
            cross join lateral (
                select timestamptz 'epoch' + ? * interval '1 millisecond' as held_at,
                       case when i % ? = 0 then 'held' else (array['confirmed', 'released', 'expired'])[(i % ? - 1) % 3 + 1] end as state
            ) n
            """;

    private static final String STOCK = """
            update stock s
            set held = c.held, sold = c.sold, available = s.capacity - c.held - c.sold
            from (select l.sku, coalesce(sum(l.units::bigint) filter (where r.state = 'held'), 0) as held,
                         coalesce(sum(l.units::bigint) filter (where r.state = 'confirmed'), 0) as sold
                  from reservations r, json_each_text(r.lines) as l(sku, units)
                  where r.sale_id = ?
                  group by l.sku) c
            where s.sale_id = ? and s.sku = c.sku
            """;

    private static final String PURCHASES = """
            insert into purchases (sale_id, lane, customer_id, sku, units)
            select r.sale_id, r.lane, r.customer_id, l.sku, sum(l.units::bigint)
            from reservations r, json_each_text(r.lines) as l(sku, units)
            where r.sale_id = ? and r.state = 'confirmed'
            group by r.sale_id, r.lane, r.customer_id, l.sku
            """;

    private static final long THREE_DAYS_MS = 3 * 24 * 3_600_000L;

    private LargeSale() {}

    /**
     * How much there is.
     *
     * @param reservations of the one moment
     * @param liveEvery every such one of them is held
     * @param older that ended three days before
     */
    public record Size(int reservations, int liveEvery, int older) {}

    /** The sale must have A and B, with room enough, and nothing sold. */
    public static void write(String postgresUri, String saleId, Size size, long heldAtMs) {
        URI uri = URI.create(postgresUri);
        String[] credentials = uri.getUserInfo().split(":", 2);
        String url = "jdbc:postgresql://" + uri.getHost() + ':' + uri.getPort() + uri.getPath();
        try (Connection connection = DriverManager.getConnection(url, credentials[0], credentials[1])) {
            // None of the older ones is held.
            insert(
                    connection,
                    saleId,
                    size.reservations() + 1,
                    size.older(),
                    Integer.MAX_VALUE,
                    heldAtMs - THREE_DAYS_MS);
            insert(connection, saleId, 1, size.reservations(), size.liveEvery(), heldAtMs);
            execute(connection, STOCK, saleId, saleId);
            execute(connection, PURCHASES, saleId);
            execute(connection, "analyze");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot write the books", e);
        }
    }

    /** The id of the reservation of this number, from 1: held where it is a multiple of {@link Size#liveEvery}. */
    public static String id(int number, long heldAtMs) {
        String digits = Integer.toString(number);
        String key = "k".repeat(ReservationId.KEY_LENGTH - digits.length()) + digits;
        return ReservationId.of(key, heldAtMs).value();
    }

    private static void insert(Connection connection, String saleId, int first, int count, int liveEvery, long heldAtMs)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(RESERVATIONS)) {
            insert.setString(1, saleId);
            insert.setString(2, id(0, heldAtMs).substring(ReservationId.KEY_LENGTH));
            insert.setInt(3, first);
            insert.setInt(4, first + count - 1);
            insert.setLong(5, heldAtMs);
            insert.setInt(6, liveEvery);
            insert.setInt(7, liveEvery);
            insert.executeUpdate();
        }
    }

    private static void execute(Connection connection, String sql, String... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            statement.execute();
        }
    }
}
