package dev.holdfast.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.comparison.server.PostgresServer;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PostgresServerTest {

    @Test
    void nobodyReachesADatabaseThatIsCutOffUntilTheyAreLetInAgain() throws SQLException {
        try (PostgresServer postgres = PostgresServer.start()) {
            String uri = postgres.freshDatabase();
            String other = postgres.freshDatabase();
            try (Connection before = connect(uri);
                    Connection beside = connect(other)) {
                postgres.cutOff(uri);

                assertThat(before.isValid(1)).isFalse();
                assertThat(beside.isValid(1)).isTrue();
                assertThatThrownBy(() -> connect(uri)).isInstanceOf(SQLException.class);
            }

            postgres.letIn(uri);

            try (Connection after = connect(uri)) {
                assertThat(after.isValid(1)).isTrue();
            }
        }
    }

    private static Connection connect(String postgresUri) throws SQLException {
        URI uri = URI.create(postgresUri);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), "postgres", "postgres");
    }
}
