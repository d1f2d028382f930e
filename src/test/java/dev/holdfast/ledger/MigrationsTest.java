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
