package dev.holdfast.scenario;

import dev.holdfast.reservation.ReservationId;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Writes many reservations of one moment into the books, as if they had been recorded: a quarter each is held, confirmed, released and
 * expired, of one to three units, two for each customer.
 */
final class LargeSale {

    private static final String RESERVATIONS = """
            insert into reservations (sale_id, reservation_id, lane, customer_id, state, lines, units, held_at, expires_at,
                                      ended_at, revision, fingerprint, epoch, seq)
            select ?, lpad(i::text, 22, 'k') || ?, 0, 'customer-' || i / 2,
                   (array['held', 'confirmed', 'released', 'expired'])[i % 4 + 1],
                   json_build_object(case when i % 5 = 0 then 'B' else 'A' end, i % 3 + 1), i % 3 + 1,
                   timestamptz 'epoch' + ? * interval '1 millisecond',
                   timestamptz 'epoch' + (? + 3600000) * interval '1 millisecond',
                   case when i % 4 > 0 then timestamptz 'epoch' + (? + 1000) * interval '1 millisecond' end,
                   case when i % 4 = 0 then 1 else 2 end, 'Zm9v', 1, i
            from generate_series(1, ?) i
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

    private LargeSale() {}

    /** The sale must have A and B, with room enough, and nothing sold. */
    static void write(String postgresUri, String saleId, int reservations, long heldAtMs) {
        URI uri = URI.create(postgresUri);
        String[] credentials = uri.getUserInfo().split(":", 2);
        String url = "jdbc:postgresql://" + uri.getHost() + ':' + uri.getPort() + uri.getPath();
        try (Connection connection = DriverManager.getConnection(url, credentials[0], credentials[1]);
                PreparedStatement insert = connection.prepareStatement(RESERVATIONS);
                PreparedStatement count = connection.prepareStatement(STOCK)) {
            insert.setString(1, saleId);
            insert.setString(2, id(0, heldAtMs).substring(ReservationId.KEY_LENGTH));
            insert.setLong(3, heldAtMs);
            insert.setLong(4, heldAtMs);
            insert.setLong(5, heldAtMs);
            insert.setInt(6, reservations);
            insert.executeUpdate();
            count.setString(1, saleId);
            count.setString(2, saleId);
            count.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot write the books", e);
        }
    }

    /** The id of the reservation of this number, from 1: held where it is a multiple of 4. */
    static String id(int number, long heldAtMs) {
        String digits = Integer.toString(number);
        String key = "k".repeat(ReservationId.KEY_LENGTH - digits.length()) + digits;
        return ReservationId.of(key, heldAtMs).value();
    }
}
