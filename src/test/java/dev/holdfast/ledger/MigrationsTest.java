package dev.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.support.TestServers;
import io.vertx.pgclient.PgConnectOptions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MigrationsTest {

    @Test
    void nodesMayStartAtOnceAndAgain() {
        String uri = TestServers.freshDatabase();

        List<CompletableFuture<Void>> nodes = Stream.generate(
                        () -> CompletableFuture.runAsync(() -> Migrations.run(uri)))
                .limit(3)
                .toList();
        nodes.forEach(CompletableFuture::join);
        Migrations.run(uri);

        try (TestBooks db = TestBooks.migrated(uri)) {
            assertThat(db.number("select count(*) from flyway_schema_history where success"))
                    .isEqualTo(2);
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
}
