package dev.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.support.TestServers;
import io.vertx.pgclient.PgConnectOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class MigrationsTest {

    @Test
    void nodesMayStartAtOnceAndAgain() throws Exception {
        long migrations = migrations();
        String uri = TestServers.freshDatabase();

        List<CompletableFuture<Void>> nodes = Stream.generate(
                        () -> CompletableFuture.runAsync(() -> Migrations.run(uri)))
                .limit(3)
                .toList();
        nodes.forEach(CompletableFuture::join);
        Migrations.run(uri);

        try (TestBooks db = TestBooks.migrated(uri)) {
            assertThat(db.number("select count(*) from flyway_schema_history where success"))
                    .isEqualTo(migrations);
        }
    }

    @Test
    void entriesThatWereRecordedRowByRowAreStillThere() throws SQLException {
        String uri = TestServers.freshDatabase();
        PgConnectOptions server = PgConnectOptions.fromUri(uri);
        String jdbcUrl = Migrations.jdbcUrl(server);
        Flyway.configure()
                .dataSource(jdbcUrl, server.getUser(), server.getPassword())
                .target("1")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection(jdbcUrl, server.getUser(), server.getPassword());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("""
                    insert into ledger (sale_id, lane, epoch, seq, op, entry)
                    select 'shoes', 0, 7, seq, 'held', 'entry ' || seq from generate_series(1, 2500) seq where seq <> 1300
                    """);
        }

        try (TestBooks db = TestBooks.migrated(uri)) {
            assertThat(db.number("select count(*) from ledger where sale_id = 'shoes' and entry = 'entry ' || seq"))
                    .isEqualTo(2_499);
            assertThat(db.number("select count(*) from ledger")).isEqualTo(2_499);
            assertThat(db.number("select count(*) from ledger_batches")).isEqualTo(4);
        }
    }

    @Test
    void reservationsThatWereThereBeforeAreCountedBySku() throws SQLException {
        String uri = TestServers.freshDatabase();
        PgConnectOptions server = PgConnectOptions.fromUri(uri);
        String jdbcUrl = Migrations.jdbcUrl(server);
        Flyway.configure()
                .dataSource(jdbcUrl, server.getUser(), server.getPassword())
                .target("3")
                .load()
                .migrate();
        try (Connection connection = DriverManager.getConnection(jdbcUrl, server.getUser(), server.getPassword());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("""
                    insert into sales (sale_id, name, hold_ms, max_hold_ms, per_customer_limit, currency, rehearsal, state,
                                       clock_offset_ms, version)
                    values ('shoes', 'Shoes', 1, 1, 0, 'EUR', false, 'open', 0, 1);
                    insert into lanes (sale_id, lane, epoch, state) values ('shoes', 0, 7, 'open');
                    insert into stock (sale_id, lane, sku, capacity, available, held, sold, version)
                    values ('shoes', 0, 'A', 9, 2, 3, 4, 1), ('shoes', 0, 'B', 9, 8, 1, 0, 1);
                    insert into reservations (sale_id, lane, epoch, reservation_id, customer_id, state, lines, units, held_at,
                                              expires_at, revision, fingerprint, seq)
                    select 'shoes', 0, 7, r.id, 'c', r.state, r.lines::json, 1, now() + r.id::integer % 2 * interval '40 days', now(), 1,
                           'print', 1
                    from (values ('1', 'held', '{"A":2}'), ('2', 'held', '{"A":1,"B":1}'), ('3', 'confirmed', '{"A":4}'),
                                 ('4', 'expired', '{"B":5}')) as r(id, state, lines)
                    """);
        }

        try (TestBooks db = TestBooks.migrated(uri)) {
            assertThat(db.text("select string_agg(sku || holds || sales, ' ' order by sku) from stock"))
                    .isEqualTo("A21 B10");
            assertThat(
                            db.text(
                                    "select string_agg(reservation_id || ' ' || tableoid::regclass, ', ' order by reservation_id) from reservations"))
                    .isEqualTo(
                            "1 reservations_default, 2 reservations_until_now, 3 reservations_default, 4 reservations_until_now");
        }
    }

    @Test
    void flywaySpeaksToTheSameServerAsThePool() {
        PgConnectOptions server = PgConnectOptions.fromUri(
                "postgresql://me:s%40cr%C3%A9t@db.example:6543/the%20books?sslmode=verify-full");

        String jdbcUrl = Migrations.jdbcUrl(server);

        assertThat(server.getPassword()).isEqualTo("s@crét");
        assertThat(jdbcUrl).startsWith("jdbc:postgresql://db.example:6543/the").contains("sslmode=verify-full");
    }

    private static long migrations() throws Exception {
        Path folder = Path.of(MigrationsTest.class.getResource("/db/migration").toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".sql")).count();
        }
    }
}
